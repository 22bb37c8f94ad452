"""Methods about how concentrated events are in few places."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import MissingColumn, TooFewPoints
from upstander.analysis.measures.concentration import (
    bootstrap_share,
    gini,
    lorenz,
    share_by_chance,
    share_of_places,
)
from upstander.analysis.methods.denominators import CONFIDENCE
from upstander.analysis.methods.names import as_given
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage


def _gini(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    places = frames["places"]
    held = next((name for name in ("count", "value") if name in places.columns), None)
    if held is None:
        raise MissingColumn(
            "places: there is no column 'count'.",
            where="places, column count", found=", ".join(places.columns), expected="count",
        )  # fmt: skip
    if places.is_empty():
        raise TooFewPoints(where="places", found=0, needed=1)
    named = places if "case" in places.columns else places.with_columns(case=pl.lit(None, pl.String))
    rows = pl.DataFrame([
        _indices(part["case"][0], part[held].to_numpy()) for part in named.partition_by("case", maintain_order=True)
    ], infer_schema_length=None).with_columns(pl.selectors.float().fill_nan(None))  # fmt: skip
    is_sparse = rows["n_crimes"] < rows["n_units"]
    warnings = (f"{is_sparse.sum()} cases have fewer events than places: read the generalised index.",)
    return Answer(rows, {"cases": rows.height}, warnings if is_sparse.any() else ())


def _indices(case: str | None, held: np.ndarray) -> dict[str, Any]:
    found = gini(held)
    return {
        "case": case, "n_units": held.size, "n_crimes": float(held.sum()), "gini": found.gini,
        "gini_unbiased": found.unbiased, "generalised": found.generalised,
        "generalised_unbiased": found.generalised_unbiased, "top_share_units_for_half": share_of_places(held),
    }  # fmt: skip


GINI_GENERALISED = Method(
    name="gini_generalised",
    version="1.0.0",
    title="Gini and generalised Gini",
    says="How unevenly events lie over places: 0 is even. With fewer events than places even the most even spread "
    "leaves places empty, and the plain Gini calls that concentration; the generalised Gini does not.",
    source="Bernasco and Steenbeek, J. Quantitative Criminology 33(3), 2017, pp. 451–467; share for half: Weisburd, "
    "Criminology 53(2), 2015",
    inputs={
        "places": (
            WantedColumn("case", "text", "name of the set of places, where a file holds several", required=False),
            WantedColumn("count", "number", "events there; places without any belong in it", "events", required=False),
            WantedColumn("value", "number", "another heading for it", "events", required=False),
        )
    },
    params=(),
    outputs=(
        Output("case", "text", "as given"),
        Output("n_units", "integer", "places", "places"),
        Output("n_crimes", "number", "events", "events"),
        Output("gini", "number", "0 is even; (places − 1)/places is all in one"),
        Output("gini_unbiased", "number", "gini × places/(places − 1): 1 is all in one"),
        Output("generalised", "number", "0 is as even as so many events can be"),
        Output("generalised_unbiased", "number", "brought to 1 where all is in one"),
        Output("top_share_units_for_half", "number", "smallest share of places that holds half", "share"),
    ),
    compute=_gini,
    assumes=(
        "Every place of the area is in the file, also those without events.",
        "Another size of place gives another index: show two.",
    ),
)  # fmt: skip


def _concentration(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    places = _framed(frames["places"], params["places"])
    count = places["count"].to_numpy()
    how = {"part": params["part"], "confidence": params["confidence"], "draws": params["draws"]}
    exposure = places["exposure"].to_numpy() if "exposure" in places.columns else None
    by_chance = share_by_chance(count, exposure=exposure, seed=seed, **how)
    low, high = bootstrap_share(count, seed=seed, **how)
    found = gini(count)
    summary = {
        "places": places.height, "places_without": int((count == 0).sum()), "events": float(count.sum()),
        "part": params["part"], "share_of_places": share_of_places(count, params["part"]), "low": low, "high": high,
        "by_chance": by_chance.mean, "by_chance_low": by_chance.low, "by_chance_high": by_chance.high,
        "p_by_chance": by_chance.p, "gini": found.gini, "generalised_gini": found.generalised,
    }  # fmt: skip
    if "harm" in places.columns:
        harm = places["harm"].to_numpy()
        low, high = bootstrap_share(harm, seed=seed, **how)
        summary |= {
            "harm_share_of_places": share_of_places(harm, params["part"]), "harm_low": low, "harm_high": high,
            "harm_gini": gini(harm).gini,
        }  # fmt: skip
    curve = lorenz(count)
    names = places["place"].gather(curve["place"])
    return Answer(curve.with_columns(place=as_given(names)), summary, tuple(_doubts(places, summary)))


def _framed(places: pl.DataFrame, frame: int) -> pl.DataFrame:
    """The places, and so many more without events that there are `frame`."""
    more = frame - places.height
    if not frame or more == 0:
        return places
    if more < 0 or "exposure" in places.columns:
        raise WrongUsage(
            "The frame cannot be filled up.", where="parameter places", found=f"{frame}",
            expected=f"{places.height} or more, and no column exposure",
        )  # fmt: skip
    empty = pl.DataFrame({name: [0] * more for name in places.columns if name != "place"})
    named = empty.with_columns(place=pl.lit(None, pl.String)).select(places.columns)
    return pl.concat([places, named], how="vertical_relaxed")


def _doubts(places: pl.DataFrame, summary: Mapping[str, Any]) -> list[str]:
    told = []
    if not summary["places_without"] and summary["events"] < 5 * places.height:
        told.append("No place is without events: were those without left out? Then concentration is understated.")
    if summary["share_of_places"] * summary["places"] < 10:
        told.append("Fewer than ten places hold that part: the interval is somewhat too short.")
    if summary["p_by_chance"] > 0.05:
        told.append("Events thrown at random would look as concentrated: there is no concentration to explain.")
    return told


CONCENTRATION = Method(
    name="concentration",
    version="1.0.0",
    title="Share of places that holds half",
    says="Which share of places holds half of the events, with an interval; and which share would if events fell at "
    "random, because few events over many places look concentrated by chance. The rows are the Lorenz curve.",
    source="Weisburd, Criminology 53(2), 2015; Bernasco and Steenbeek, J. Quantitative Criminology 33(3), 2017; "
    "percentile bootstrap: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13",
    inputs={
        "places": (
            WantedColumn("place", "text", "name of the place"),
            WantedColumn("count", "integer", "events there; places without any belong in it", "events"),
            WantedColumn("harm", "number", "harm there, if it is to be set beside", required=False),
            WantedColumn("exposure", "number", "how much of a target: length, residents; alike if missing",
                         required=False),
        )
    },
    params=(
        Param("part", "number", "of the events", 0.5, "share", 0.05, 0.95),
        Param("places", "integer", "places there are in all, if those without events are not in the file; 0: they are",
              0, "places", 0, 5_000_000),
        CONFIDENCE,
        Param("draws", "integer", "random draws", 999, least=199, most=20_000),
    ),
    outputs=(
        Output("place", "text", "as given, fullest first; null for places filled in"),
        Output("amount", "number", "events there", "events"),
        Output("share_of_places", "number", "places so far", "share"),
        Output("share_of_events", "number", "events so far", "share"),
        Output("share_if_even", "number", "events so far, were they as even as so many can be", "share"),
    ),
    compute=_concentration,
    assumes=(
        "Every place of the area is in the frame, also those without events.",
        "The interval is of counts over such a period, were places drawn again; risk is less concentrated.",
        "Another size of place gives another share: show two.",
    ),
)  # fmt: skip
