"""What outsiders know of counts besides all that is published, as a person has declared it.

`reference/known/*.csv`: dataset, the dimensions of a release, low, high, and the source, such as a newspaper's report
of a homicide. Each line says that everybody may know that the count lies from low to high.
"""

import polars as pl

from upstander.errors import NotAcceptable
from upstander.pipeline.home import Home
from upstander.pipeline.release.plan import DIMENSIONS_TOLD, Known

_COLUMNS = ("dataset", *DIMENSIONS_TOLD, "low", "high", "source")


def declared(home: Home) -> tuple[Known, ...]:
    """Everything declared, in order. Raises NotAcceptable for a file that is laid out in another way."""
    found: list[Known] = []
    for path in sorted((home.reference / "known").glob("*.csv")):
        frame = pl.read_csv(path, infer_schema=False)
        numbers = frame.select(
            pl.col(name).cast(pl.Int64, strict=False) for name in ("low", "high") if name in frame.columns
        )
        if set(frame.columns) != set(_COLUMNS) or numbers.null_count().sum_horizontal().sum():
            raise NotAcceptable(
                f"{path.name} is no list of what outsiders know.", where=path.name, found=", ".join(frame.columns),
                expected=f"columns {', '.join(_COLUMNS)}, low and high as whole numbers", state="Nothing was released.",
            )  # fmt: skip
        rows = frame.select("dataset", *DIMENSIONS_TOLD).hstack(numbers).rows()
        found += [(str(row[0]), tuple(map(str, row[1:-2])), row[-2], row[-1]) for row in rows]
    return tuple(sorted(set(found)))


def known_now(home: Home, dataset: str) -> pl.DataFrame | None:
    """What is declared now of one dataset; None where nothing is."""
    return known_of(declared(home), dataset)


def known_of(known: tuple[Known, ...], dataset: str) -> pl.DataFrame | None:
    """What is declared of one dataset: the dimensions, low, high; None where nothing is."""
    rows = [(*cell, low, high) for name, cell, low, high in known if name == dataset]
    schema = dict.fromkeys(DIMENSIONS_TOLD, pl.String) | {"low": pl.Int64, "high": pl.Int64}
    return pl.DataFrame(rows, schema, orient="row") if rows else None
