"""An honest reading of the real open police files of Leicestershire: what they can say of violence, and what not.

`python tools/leicestershire.py` writes docs/methods/leicestershire.md anew; a test holds that it says what the files
give, and that the counts are the published ones. The files are read in place and never copied.
"""

import calendar
import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from upstander.analysis.hotspots.ranks import rank_intervals
from upstander.analysis.measures.charts import Asked, ProcessChart, process_chart
from upstander.analysis.measures.choosing import Numbers

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "methods" / "leicestershire.md"
VIOLENCE = "Violence and sexual offences"
_TOP = 10
_SEED = 20210618


@dataclass(frozen=True)
class Month:
    """One file: all rows, those of the one category of violence, those without a point, and how many points differ."""

    month: str
    rows: int
    violence: int
    without_point: int
    points: int

    @property
    def start(self) -> date:
        """Its first day."""
        return date.fromisoformat(f"{self.month}-01")

    @property
    def days(self) -> int:
        """Days in the month: what a count is out of."""
        return calendar.monthrange(self.start.year, self.start.month)[1]


def read(path: Path) -> pl.DataFrame:
    """One monthly file, every value as text."""
    return pl.read_csv(path, infer_schema=False)


def month_of(path: Path) -> Month:
    """The counts of one file."""
    rows = read(path)
    violent = rows.filter(pl.col("Crime type") == VIOLENCE)
    placed = violent.drop_nulls(["Longitude", "Latitude"])
    points = placed.select("Longitude", "Latitude").n_unique()
    return Month(path.name[:7], rows.height, violent.height, violent.height - placed.height, points)


def by_area(paths: list[Path], areas: Path) -> pl.DataFrame:
    """Violence by the small area that each row states, most first: area, name, count. Only areas of the outlines in
    `areas`, and all of them: one that no row states has none.
    """
    rows = pl.concat([read(path) for path in paths]).filter(pl.col("Crime type") == VIOLENCE)
    known = [one["properties"] for one in json.loads(areas.read_text("utf-8"))["features"]]
    every = pl.DataFrame({"area": [one["lsoa21_code"] for one in known], "name": [one["lsoa21_name"] for one in known]})
    counted = every.join(rows.group_by(area="LSOA code").agg(count=pl.len()), on="area", how="left")
    return counted.with_columns(pl.col("count").fill_null(0).cast(pl.Int64)).sort(
        ["count", "area"], descending=[True, False]
    )


def chart_of(months: list[Month]) -> ProcessChart:
    """The chart that fits these months: violence per day."""
    y, n = (np.array([getattr(one, name) for one in months], dtype=np.float64) for name in ("violence", "days"))
    return process_chart(y, n, dates=[one.start for one in months])


def page_of(paths: list[Path], areas: Path) -> str:
    """The page as Markdown."""
    months = [month_of(path) for path in paths]
    old = [one for one in months if one.month < "2020"]
    new = [one for one in months if one.month > "2020"]
    first, last = old[0].month, new[-1].month
    parts = [
        _head(first, last), _counts(months), _points(months), _charts(old, new), _years(months),
        _places([path for path in paths if path.name > "2020"], areas), _CANNOT,
    ]  # fmt: skip
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _head(first: str, last: str) -> str:
    return f"""
# Leicestershire: what the open police files can say

Street-level files of data.police.uk for Leicestershire Police, October 2018 to February 2019 and January to June 2025
({first} to {last}, with six years between them missing). Contains public sector information licensed under the Open
Government Licence v3.0. Read in place, never copied. Nothing here is made up, and nothing is estimated that the files
do not hold.

This page is written by `python tools/leicestershire.py`; a test reads the files again and holds that it is true.
"""


def _counts(months: list[Month]) -> str:
    lines = [
        f"| {one.month} | {one.rows:,} | {one.violence:,} | {one.days} | {one.violence / one.days:.1f} | "
        f"{one.violence / one.rows:.1%} |"
        for one in months
    ]
    return "\n".join([
        "## Counts", "",
        "Months differ in length, so the count a day is given too. The last column is the share of all rows of the",
        "file, anti-social behaviour among them.", "",
        "| month | rows | violence and sexual offences | days | a day | share of rows |",
        "| --- | --: | --: | --: | --: | --: |", *lines,
    ])  # fmt: skip


def _points(months: list[Month]) -> str:
    violence, without = (sum(getattr(one, name) for one in months) for name in ("violence", "without_point"))
    each = [(one.violence - one.without_point) / one.points for one in months]
    return f"""
## Places are points on a list

{without:,} of {violence:,} rows of violence ({without / violence:.1%}) have no coordinate. The rest lie on points
that stand for a street or a place near by, chosen beforehand so that no home is shown: in a month a point stands for
{min(each):.1f} to {max(each):.1f} rows on average. A point is not where it happened. Nothing smaller than the small
area that a row states is counted here, and no map of points is drawn.
"""


def _charts(old: list[Month], new: list[Month]) -> str:
    told = []
    for name, months in (("October 2018 to February 2019", old), ("January to June 2025", new)):
        chart = chart_of(months)
        runs = chart.runs
        shares = process_chart(
            np.array([one.violence for one in months], dtype=np.float64),
            np.array([one.rows for one in months], dtype=np.float64), asked=Asked(numbers=Numbers.SHARES),
        )  # fmt: skip
        told.append(
            f"- **{name}, violence a day.** {chart.choice.reason} The median is {chart.points['cl'][0]:.1f} a day; "
            f"{runs.useful} months lie off it, which is too few for any run rule."
        )
        told.append(f"- **{name}, share of rows.** {shares.choice.reason}")
    return "\n".join([
        "## Is it rising?", "",
        "The files cannot say. The chart is chosen by the data (`process_chart`), and it gives its reason:", "", *told,
        "", _TOO_FEW,
    ])  # fmt: skip


def _years(months: list[Month]) -> str:
    lines = []
    known = {one.month: one for one in months}
    for month in ("01", "02"):
        before, now = known[f"2019-{month}"], known[f"2025-{month}"]
        ratio, low, high = _ratio(before, now)
        lines.append(
            f"| {calendar.month_name[int(month)]} | {before.violence:,} | {now.violence:,} | {ratio:.2f} | "
            f"{low:.2f} to {high:.2f} |"
        )
    return "\n".join([
        "## 2025 beside 2019", "",
        "| month | 2019 | 2025 | ratio a day | by chance alone |", "| --- | --: | --: | --: | --: |", *lines, "",
        _NO_RISE,
    ])  # fmt: skip


def _ratio(before: Month, now: Month) -> tuple[float, float, float]:
    """Violence a day, later over earlier, with the exact interval of chance alone (Clopper and Pearson)."""
    from scipy.stats import binomtest

    share = binomtest(now.violence, now.violence + before.violence).proportion_ci()
    days = before.days / now.days
    low, high = (end / (1 - end) * days for end in (share.low, share.high))
    return now.violence / before.violence * days, low, high


def _places(paths: list[Path], outlines: Path) -> str:
    areas = by_area(paths, outlines)
    ranks = rank_intervals(areas["count"].to_numpy(), seed=_SEED)
    table = areas.with_columns(rank=pl.Series(ranks.rank), low=pl.Series(ranks.low), high=pl.Series(ranks.high),
                               group=pl.Series(ranks.group)).sort("rank")  # fmt: skip
    lines = [
        f"| {row['rank']} | {row['area']} | {row['name']} | {row['count']:,} | {row['low']} to {row['high']} |"
        for row in table.head(_TOP).iter_rows(named=True)
    ]
    first = int((table["group"] == 1).sum())
    wide = int(np.median(table["high"] - table["low"]))
    return "\n".join([
        "## Which places had most?", "",
        _RANKED.format(areas=table.height), "",
        "| rank | area | name | violence | could rank |", "| --: | --- | --- | --: | --- |", *lines, "",
        f"{_told_apart(first)}\n{_LEAGUE.format(wide=wide)}",
    ])  # fmt: skip


def _told_apart(first: int) -> str:
    if first == 1:
        return "The first can be told from all others."
    return f"The first {first} cannot be told apart."


_RANKED = """January to June 2025, by the small area that a row states, of the {areas} in Leicester, Leicestershire and
Rutland (LSOA 2021). The rank of each may truly be any of those shown, with 95% confidence (`rank_intervals`)."""
_LEAGUE = """For half of all areas the ranks that they may have span {wide} places or more: a league table of them would
be noise. Centres have many visitors and few residents, so no rate per resident is given."""
_TOO_FEW = """An XmR, u or p chart of five or six points would draw limits that look as if they meant something. The two
stretches are not joined: six years are missing between them."""
_NO_RISE = """More was *recorded*, beyond what chance explains. That is no rise of violence: in six years the number of
people, the rules of counting and recording, and what people tell may all have changed. The files hold nothing to tell
these apart, so no rise is claimed. Hospital and ambulance data, which do not wait for a record, could help."""
_CANNOT = """
## What cannot be said from these files

- **What kind of violence.** There is one category, *violence and sexual offences*: a threat, a stabbing, a rape and a
  death by driving are one row each and cannot be told apart. No weapon, no injury, no homicide, no robbery (a category
  of its own), no domestic abuse.
- **When.** A month, not a day or an hour: no window, no weekend, no night.
- **Where.** A snapped point, or none.
- **Who.** No age and no sex: none of the Home Office measures, and nothing about under 25s.
- **How much harm went unrecorded.** Many who are hurt do not tell the police.
- **That it rose or fell.** See above.
"""


def main() -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from shared_data import SHARED

    data = SHARED / "data"
    files = sorted((data / "police").glob("*-leicestershire-street.csv"))
    PAGE.write_text(page_of(files, data / "places" / "lsoa21_llr_buc.geojson"), "utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
