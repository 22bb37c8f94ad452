"""What a delivery is measured against. Run as `python bench/rivals.py NAME FILE`; prints seconds and rows as JSON.

Each rival times itself from the first byte of the file, imports left out, which favours it over the whole command.
"""

import json
import sys
from pathlib import Path
from time import perf_counter

from police_file import COLUMNS, INJURIES, KNIFE, OFFENCES, OUT, PLACES, ROLES, SEXES, SIDE, SOUTH, WEAPONS, WEST

CRIME_NO = r"^27/\d{9}$"
PERSON = r"^P\d{9}$"
POSTCODE = r"^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$"


def duckdb_parse(path: Path) -> dict[str, float | int]:
    """Parse the file into a table of text. Nothing is checked or kept: the floor under any delivery."""
    import duckdb

    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
    connection = duckdb.connect(config={"threads": 2})
    began = perf_counter()
    connection.execute(
        f"create table sent as select * from read_csv('{path}', columns = {{{columns}}}, header = true,"
        " auto_detect = false, delim = ',', quote = '\"', escape = '\"', all_varchar = true)"
    )
    seconds = perf_counter() - began
    counted = connection.execute("select count(*) from sent").fetchone()
    assert counted is not None
    return {"seconds": seconds, "rows_in": counted[0]}


def pandas_pandera(path: Path) -> dict[str, float | int]:
    """Read, check by the same rules and write the good rows as Parquet. Nothing is encrypted, hashed or located."""
    import pandas as pd
    import pandera.pandas as pa

    schema = _schema(pd, pa)
    began = perf_counter()
    sent = pd.read_csv(path, dtype=str, keep_default_na=False)
    typed = sent.replace("", None)
    for name in ("from", "to", "recorded"):
        typed[name] = pd.to_datetime(sent[name], format="%Y-%m-%d %H:%M", errors="coerce")
    typed["dob"] = pd.to_datetime(sent["dob"], format="%Y-%m-%d", errors="coerce")
    for name in ("easting", "northing"):
        typed[name] = pd.to_numeric(sent[name], errors="coerce")
    bad = (typed[["from", "to", "recorded", "dob", "easting", "northing"]].isna() & (sent != "")[
        ["from", "to", "recorded", "dob", "easting", "northing"]
    ]).any(axis=1)  # fmt: skip
    try:
        schema.validate(typed, lazy=True)
    except pa.errors.SchemaErrors as failures:
        bad.iloc[failures.failure_cases["index"].dropna().astype(int).unique()] = True
    typed[~bad].to_parquet(OUT / "pandas.parquet")
    return {"seconds": perf_counter() - began, "rows_in": len(sent), "rows_loaded": int((~bad).sum())}


def _schema(pd, pa):
    check, column = pa.Check, pa.Column
    moment = check.in_range(pd.Timestamp("1990-01-01"), pd.Timestamp("2026-12-31"))
    coded = {
        "offence": OFFENCES, "knife": KNIFE, "weapon": WEAPONS, "injury": INJURIES, "place": PLACES, "sex": SEXES,
        "role": ROLES,
    }  # fmt: skip
    return pa.DataFrameSchema(
        {
            "crime_no": column(str, check.str_matches(CRIME_NO), unique=True),
            "person": column(str, check.str_matches(PERSON)),
            "postcode": column(str, check.str_matches(POSTCODE)),
            **{name: column(None, moment, nullable=True) for name in ("from", "to", "recorded")},
            **{name: column(str, check.isin(codes)) for name, codes in coded.items()},
            "easting": column(float, check.in_range(WEST, WEST + SIDE), nullable=True),
            "northing": column(float, check.in_range(SOUTH, SOUTH + SIDE), nullable=True),
        },
        checks=[
            check(lambda rows: ~(rows["dob"] > rows["from"]), name="born before it happened"),
            check(lambda rows: ~(rows["to"] < rows["from"]), name="ends after it starts"),
            check(lambda rows: ~(rows["recorded"] < rows["from"]), name="recorded after it happened"),
        ],
    )


RIVALS = {"duckdb_parse": duckdb_parse, "pandas_pandera": pandas_pandera}

if __name__ == "__main__":
    print(json.dumps(RIVALS[sys.argv[1]](Path(sys.argv[2]))))
