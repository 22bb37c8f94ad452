"""Methods that ask whether named places stay the right ones."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.hotspots.accuracy import accuracy_table, within_budget
from upstander.analysis.hotspots.agencies import CANNOT_SAY, HIGH, NOT_HIGH
from upstander.analysis.hotspots.holdouts import BEST, GIVEN, LAST_YEAR, RANDOM, Windows, hold_outs
from upstander.analysis.hotspots.stability import rank_stability
from upstander.analysis.methods.names import as_given
from upstander.analysis.methods.where import RANK_PARAMS
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn

_BUDGET = Param("budget", "number", "share of the whole area that may be named", 0.01, "share of area", 0.0001, 1.0)


def _pai(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    places = frames["places"]
    area = places["area"].to_numpy() if "area" in places.columns else None
    table = accuracy_table(places["obs"].to_numpy(), places["pred"].to_numpy(), area)
    names = as_given(places["id"]) if "id" in places.columns else pl.Series(range(1, places.height + 1))
    rows = table.with_columns(id=names.gather(table["row"]))
    named = within_budget(table["Area"].to_numpy(), params["budget"], float(table["CumArea"][-1]))
    at = rows.row(named - 1, named=True) if named else {}
    summary = {
        "places": rows.height, "events": table["CumCount"][-1], "places_in_budget": named,
        "area_share": at.get("PCumArea"), "hit_rate": at.get("PCumCount"), "pai": at.get("PAI"),
        "pei": at.get("PEI"), "rri": at.get("RRI"),
    }  # fmt: skip
    warnings = () if named else ("No place is small enough for the budget; give a larger one.",)
    return Answer(rows, summary, warnings)


PAI_PEI = Method(
    name="pai_pei",
    version="1.0.0",
    title="Predictive accuracy (PAI, PEI, RRI)",
    says="How well a ranking of places foretold where events fell: each row tells of all places down to it. Compare "
    "two maps at one share of area only (the summary): PAI rewards tiny areas, PEI large ones.",
    source="Chainey, Tompson and Uhlig, Security Journal 21(1-2), 2008; Hunt, University of Texas at Dallas, 2016 and "
    "NIJ, 2017; Levine, Security Journal 21(4), 2008; order of ties as `pai` of the R package ptools",
    inputs={
        "places": (
            WantedColumn("id", "text", "name of the place; its position where there is none", required=False),
            WantedColumn("obs", "number", "events that fell there, later than the prediction", "events"),
            WantedColumn("pred", "number", "predicted events, or any score of 0 or more"),
            WantedColumn("area", "number", "its area; the same for all if missing", required=False),
        )
    },
    params=(_BUDGET,),
    outputs=(
        Output("Order", "integer", "1 is the densest prediction"),
        Output("Count", "number", "events there", "events"),
        Output("CumCount", "number", "events so far", "events"),
        Output("PCumCount", "number", "hit rate: share of all events so far", "share"),
        Output("Pred", "number", "as given"),
        Output("CumPred", "number", "predicted so far"),
        Output("Area", "number", "as given", "as area"),
        Output("CumArea", "number", "area so far", "as area"),
        Output("PCumArea", "number", "share of the whole area so far", "share"),
        Output("PAI", "number", "hit rate ÷ share of area"),
        Output("PEI", "number", "PAI ÷ that of as many places in the best order"),
        Output("RRI", "number", "predicted ÷ observed so far; null before the first event"),
        Output("id", "text", "as given"),
    ),
    compute=_pai,
    assumes=("Events are later than the prediction and were not used for it.",),
)  # fmt: skip


def _matrix(rows: pl.DataFrame, value: str) -> tuple[pl.Series, list[date], np.ndarray]:
    """Places in order of first mention, periods in order of time, and the value of each; a missing row is a zero."""
    places = rows["place"].unique(maintain_order=True)
    periods = rows["period"].unique().sort().to_list()
    _evenly_spaced(periods)
    if rows.select("place", "period").is_duplicated().any():
        row = int(rows.select("place", "period").is_duplicated().arg_true()[0]) + 1
        raise UnfitNumbers(
            f"counts, row {row}: a place stands twice in a period.",
            where=f"counts, row {row}", found="a place and period given before", expected="one row each",
        )  # fmt: skip
    row_of = dict(zip(places.to_list(), range(len(places)), strict=True))
    column_of = dict(zip(periods, range(len(periods)), strict=True))
    cells = rows.select(
        pl.col("place").replace_strict(row_of, return_dtype=pl.Int64),
        pl.col("period").replace_strict(column_of, return_dtype=pl.Int64), value,
    )  # fmt: skip
    matrix = np.zeros((len(places), len(periods)))
    matrix[cells["place"].to_numpy(), cells["period"].to_numpy()] = cells[value].fill_null(np.nan).to_numpy()
    return places, periods, matrix


def _evenly_spaced(periods: list[date]) -> None:
    """Refuse a gap in the periods: a month nobody delivered is not a month without violence."""
    days = np.diff([day.toordinal() for day in periods])
    months = np.diff([day.year * 12 + day.month for day in periods])
    alike = [steps for steps in (days, months) if steps.size and steps.min() > 0 and (steps == steps[0]).all()]
    if len(periods) > 1 and not alike:
        at = int(np.argmax(days > 1.5 * np.median(days))) + 1
        raise UnfitNumbers(
            f"A period is missing before {periods[at]}, or periods differ in length.",
            where="counts, column period", found=f"{periods[at - 1]}, then {periods[at]}",
            expected="every period, equally long",
        )  # fmt: skip


def _areas(rows: pl.DataFrame, places: pl.Series) -> np.ndarray:
    if "area" not in rows.columns:
        return np.ones(len(places))
    by_place = rows.group_by("place", maintain_order=True).agg(pl.col("area").drop_nulls().unique())
    odd = by_place.filter(pl.col("area").list.len() != 1)
    if odd.height:
        raise UnfitNumbers(
            "A place has no area, or several.",
            where="counts, column area", found=f"{odd.height} such places", expected="one area a place",
        )  # fmt: skip
    return by_place["area"].list.first().to_numpy()


def _hold_outs(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    rows = frames["counts"]
    places, periods, counts = _matrix(rows, "count")
    scores = _matrix(rows, "score")[2] if "score" in rows.columns else None
    windows = Windows(params["train"], params["test"], params["step"])
    found = hold_outs(counts, _areas(rows, places), windows=windows, budget=params["budget"], scores=scores, seed=seed)
    day_of = dict(enumerate(periods))
    shown = found.with_columns(
        test_from=pl.col("first").replace_strict(day_of, return_dtype=pl.Date),
        test_last=pl.col("last").replace_strict(day_of, return_dtype=pl.Date),
    )
    together = {row["ranking"]: row for row in found.filter(pl.col("first").is_null()).iter_rows(named=True)}
    summary: dict[str, Any] = {"places": len(places), "hold_outs": found["first"].drop_nulls().n_unique()}
    for name in (LAST_YEAR, GIVEN, RANDOM, BEST):
        if name in together:
            summary[f"hit_rate_{name.replace(' ', '_')}"] = together[name]["hit_rate"]
    warnings = [] if together[BEST]["places"] else ["No place is small enough for the budget; give a larger one."]
    if not together[BEST]["events"]:
        warnings.append("No event falls in any test, so nothing can be said.")
    elif GIVEN in together and together[GIVEN]["hits"] <= together[LAST_YEAR]["hits"]:
        warnings.append("The given scores catch no more than the busiest places of the training periods did.")
    return Answer(shown, summary, tuple(warnings))


HOTSPOT_ACCURACY = Method(
    name="hotspot_accuracy",
    version="1.0.0",
    title="Hot-spot accuracy on rolling hold-outs",
    says="What share of the next periods' events a ranking of places would have caught in a fixed share of the area, "
    "beside last year's top places, places at random and the best with hindsight.",
    source="Chainey, Tompson and Uhlig, Security Journal 21(1-2), 2008; Hunt, 2016 and NIJ, 2017; Levine, Security "
    "Journal 21(4), 2008; hold-outs: Adepeju, Rosser and Cheng, Int. J. Geographical Information Science 30(11), 2016",
    inputs={
        "counts": (
            WantedColumn("place", "text", "name of the place"),
            WantedColumn("period", "date", "first day of the period; all equally long, none left out"),
            WantedColumn("count", "integer", "events; a place and period without a row have none", "events"),
            WantedColumn("area", "number", "area of the place; the same for all if missing", required=False),
            WantedColumn("score", "number", "a forecast for the test that begins with the period", required=False),
        )
    },
    params=(
        Param("train", "integer", "periods that train a ranking", 12, "periods", 1, 1000),
        Param("test", "integer", "periods that test it", 3, "periods", 1, 1000),
        Param("step", "integer", "periods by which both move on", 3, "periods", 1, 1000),
        _BUDGET,
    ),
    outputs=(
        Output("test_from", "date", "first period of the test; null for all tests together"),
        Output("test_last", "date", "last period of the test"),
        Output("ranking", "text", "last year, recent, best, given or random"),
        Output("places", "number", "places named"),
        Output("area_share", "number", "their share of the area", "share"),
        Output("hits", "number", "events in them", "events"),
        Output("events", "number", "all events of the test", "events"),
        Output("hit_rate", "number", "hits ÷ events", "share"),
        Output("pai", "number", "hit rate ÷ share of area"),
        Output("pei", "number", "pai ÷ that of the best"),
        Output("rri", "number", "growth of the named places ÷ growth of all"),
    ),
    compute=_hold_outs,
    assumes=(
        "Every place of the area is in the list, those without events too, or shares of area are wrong.",
        "A given score was made before the period it stands in.",
    ),
)


def _stability(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    rows = frames["counts"]
    places, periods, counts = _matrix(rows, "count")
    if len(periods) < 2:
        raise TooFewPoints(where="counts, column period", found=len(periods), needed=2)
    top = params["top"]
    found = rank_stability(
        counts.astype(np.int64),
        top=top,
        confidence=params["confidence"],
        draws=params["draws"],
        spread=params["spread"],
        seed=seed,
    )
    shown = pl.concat([
        pl.DataFrame({
            "place": as_given(places), "period": [day] * len(places), "count": counts[:, number].astype(np.int64),
            "rate": ranks.rate, "rank": ranks.rank, "low": ranks.low, "high": ranks.high,
            "in_top": np.where(ranks.high <= top, HIGH, np.where(ranks.low > top, NOT_HIGH, CANNOT_SAY)),
        }).sort("rank")
        for number, (day, ranks) in enumerate(zip(periods, found.by_period, strict=True))
    ])  # fmt: skip
    names = ("kept", "expected", "low", "high", "p_fewer", "rank_correlation")
    summary = {
        "places": len(places), "top": top, "periods": [day.isoformat() for day in periods],
        **{f"top_{name}" if name != "rank_correlation" else name: [getattr(each, name) for each in found.between]
           for name in names},
    }  # fmt: skip
    return Answer(shown, summary)


RANK_STABILITY = Method(
    name="rank_stability",
    version="1.0.0",
    title="Stability of the top places",
    says="Ranks with intervals in each period, and how many of the top places stay in it, beside how many would stay "
    "were no place's rate to change: counts are few, and much of what moves is chance.",
    source="Goldstein and Spiegelhalter, J. Royal Statistical Society A 159(3), 1996; Gelman, Meng and Stern, "
    "Statistica Sinica 6(4), 1996",
    inputs={
        "counts": (
            WantedColumn("place", "text", "name of the place"),
            WantedColumn("period", "date", "first day of the period; all equally long, none left out"),
            WantedColumn("count", "integer", "events; a place and period without a row have none", "events"),
        )
    },
    params=(
        Param("top", "integer", "places that count as the top", 10, "places", 1, 1000),
        *RANK_PARAMS,
    ),
    outputs=(
        Output("place", "text", "as given"),
        Output("period", "date", "first day of the period"),
        Output("count", "integer", "events", "events"),
        Output("rate", "number", "drawn towards the others where counts are few", "events a period"),
        Output("rank", "integer", "1 is the highest rate"),
        Output("low", "integer", "highest rank the place may have"),
        Output("high", "integer", "lowest rank the place may have"),
        Output("in_top", "text", "high: surely in the top; not high: surely not; or cannot say"),
    ),
    compute=_stability,
    assumes=("Counts spread about their rates as `spread` says: where several victims or a feud make many, say more.",),
)
