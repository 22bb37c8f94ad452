"""The released tables that take more than a bulletin's own months: unusual rises, and harm beside counts."""

from collections.abc import Mapping
from functools import partial

import polars as pl

from upstander.contracts.harm import harm_weights
from upstander.contracts.releasing import ReleasedTable
from upstander.disclosure import Exact, derive, protect, strictest
from upstander.pipeline.injuries.ahead import ahead, weeks_of
from upstander.pipeline.injuries.coming_in import caveats, settled
from upstander.pipeline.injuries.ground import Ground
from upstander.pipeline.injuries.harm import harm
from upstander.pipeline.injuries.numbers import middle_of_hidden, numbered
from upstander.pipeline.injuries.past import Past
from upstander.pipeline.injuries.rises import judged, rises
from upstander.pipeline.injuries.scope import Scope, about_of
from upstander.publish.model import EVERYWHERE, ComingIn


def over_years(scope: Scope, past: Past, ground: Ground, coming: Mapping[str, ComingIn]) -> dict[str, ReleasedTable]:
    """The tables that take more than the bulletin's own months: unusual rises, the weeks ahead, and harm.

    coming: which weeks are still coming in; they are shown and not judged.
    """
    return _rises(scope, past, ground, coming) | _harm(scope, past, ground)


def _rises(scope: Scope, past: Past, ground: Ground, coming: Mapping[str, ComingIn]) -> dict[str, ReleasedTable]:
    counts = "Counts through the gate"
    tell = partial(
        about_of, scope, past.sources, past.ground or ground, layer=past.ground is not None, caveats=caveats(coming)
    )
    in_all = protect(
        Exact("past_all", ("source", "week", "what"), past.by_week_in_all(),
              tell("Records by week, over years", "weekly_counts 1.0", counts))
    )  # fmt: skip
    weeks = protect(
        Exact("past_weeks", ("source", "area", "week"), past.by_week(),
              tell("Records by place and week", "weekly_counts 1.0", counts))
    )  # fmt: skip
    if not in_all.cells.height:
        return {}
    of_both = partial(derive, sources=[weeks, in_all])
    source = "Noufaily and others 2013; Benjamini and Hochberg 1995"
    named = of_both(
        "rises", ("source", "area", "week"), tell("Unusual rises", "farrington_flexible 1.0", source),
        work_out=lambda *cells: pl.concat(rises(some) for some in _to_judge(weeks, in_all, coming, *cells)),
    )  # fmt: skip
    looked_at = of_both(
        "judged", ("source", "what"), tell("Places judged for rises", "farrington_flexible 1.0", source),
        work_out=lambda *cells: judged(_to_judge(weeks, in_all, coming, *cells)[0]),
    )  # fmt: skip
    foreseen = derive(
        "ahead", ("source", "week", "what"),
        tell("Records a week, foreseen", "forecast_weekly 1.0", "Hyndman and Athanasopoulos 2021; Lei and others 2018"),
        [in_all], lambda cells: ahead(weeks_of(in_all, cells), coming, strictest(in_all.about.rules)),
    )  # fmt: skip
    made = (weeks, in_all, named, looked_at, *([foreseen] if foreseen.cells.height else []))
    return {table.name: table for table in made}


def _to_judge(
    weeks: ReleasedTable,
    in_all: ReleasedTable,
    coming: Mapping[str, ComingIn],
    by_area: pl.DataFrame,
    whole: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The places, and each whole source as one place: two families, each with false discoveries of its own.

    Weeks still coming in are left out.
    """
    by_area, whole = settled(by_area, coming), settled(whole, coming)
    records = numbered(whole, middle_of_hidden(in_all)).filter(pl.col("what") == "records")
    everywhere = records.select("source", pl.lit(EVERYWHERE).alias("area"), "week", "number")
    return numbered(by_area, middle_of_hidden(weeks)).select("source", "area", "week", "number"), everywhere


def _harm(scope: Scope, past: Past, ground: Ground) -> dict[str, ReleasedTable]:
    counted = past.by_offence(scope.period)
    sources = [one for one in past.sources if one.dataset in counted["source"].to_list()]
    if not sources:
        return {}
    weights, tell = harm_weights(), partial(about_of, scope, sources, ground)
    about = tell("Records by offence", "offence_counts 1.0", "Counts through the gate")
    offences = protect(Exact("offences", ("source", "span", "offence"), counted, about, ("offence",)))
    weighed = derive(
        "harm", ("source", "span", "measure"), tell("Harm", "crime_harm 1.0", f"{weights.title}, {weights.version}"),
        sources=[offences], work_out=lambda cells: harm(cells, about.rules, weights),
    )  # fmt: skip
    return {table.name: table for table in (offences, weighed)}
