"""Figures that somebody has published, as cells of a release: with their own areas and periods, added to nothing."""

from collections.abc import Iterable

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.measures import Measure
from upstander.pipeline.floors import is_fine
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES, DIMENSIONS_TOLD
from upstander.values.periods import Period

_BLANK = dict.fromkeys(DIMENSIONS_TOLD, pl.String) | {"count": pl.Int64, "out_of": pl.Float64}


def figure_cells(rows: pl.DataFrame, measures: Iterable[Measure], span: Period, rule: CountRule) -> pl.DataFrame:
    """The dimensions, count (whole; null where the publisher gives none), out_of (its denominator, null without one).

    rows: figures as the gate let them through. span: the days of the release: told are the periods that share a day
    with it, and of each measure the newest that was over by its end. Areas smaller than the rule lets leave are left
    out.
    """
    frames = [_of_measure(rows, one, span) for one in measures]
    cells = pl.concat([pl.DataFrame(schema=_BLANK), *(one.select(*_BLANK) for one in frames)])
    fine = [area for area in cells["area"].unique() if ":" in area and is_fine(area.partition(":")[0], rule)]
    return cells.filter(~pl.col("area").is_in(fine)).sort(DIMENSIONS_TOLD)


def _of_measure(rows: pl.DataFrame, measure: Measure, span: Period) -> pl.DataFrame:
    numerator = measure.numerator
    over = pl.col("period_end").dt.date() <= span.end
    mine = rows.filter(pl.col("indicator").is_in(list(numerator.figures)) & (pl.col("group") == numerator.group) & over)
    newest = pl.col("period_end") == pl.col("period_end").max()
    mine = mine.filter((pl.col("period_end").dt.date() > span.start) | newest)
    is_shown = (pl.col("marker") == "shown").all() & (pl.col("indicator").n_unique() == len(numerator.figures))
    has_size = pl.col("denominator_marker").first() == "shown"
    by = mine.with_columns(area=_area()).group_by("area", "period")
    return by.agg(
        count=pl.when(is_shown).then(pl.col("value").sum().round()).cast(pl.Int64),
        out_of=pl.when(has_size).then(pl.col("denominator").first()).cast(pl.Float64),
    ).with_columns(measure=pl.lit(measure.name), age=pl.lit(ALL_AGES), sex=pl.lit(ALL_SEXES))


def _area() -> pl.Expr:
    """The area's key, else its name as the publisher writes it."""
    code = pl.col("area_code").replace("", None)
    key = pl.concat_str(pl.col("area_kind").fill_null(""), pl.col("area_vintage").fill_null(""), pl.lit(":"), code)
    return pl.coalesce(key, "area_name")
