"""Methods that set a treated place against a mix of others."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.impact.synthetic_control import (
    LEAST_DONORS,
    Placebos,
    SyntheticControl,
    placebos,
    synthetic_control,
)
from upstander.analysis.methods.panels import Panel, listed, panel_of, times_in
from upstander.contracts.methods import OTHERS, Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
_BASQUE = (
    "school.illit, school.prim, school.med, school.high, school.post.high, invest: 1964-1969; gdpcap: 1960-1969; "
    "sec.agriculture, sec.energy, sec.industry, sec.construction, sec.services.venta, sec.services.nonventa: "
    "1961-1969/2; popdens: 1969"
)


def _mix(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    frame = frames["panel"].filter(~pl.col("unit").is_in(listed(params["leave_out"])))
    panel = panel_of(frame)
    outcome = panel.matrix("outcome")
    unit, start = _treated(panel, params)
    fitted = times_in(params["fit"], panel.times, parameter="fit") if params["fit"] else panel.times < start
    judged = times_in(params["judge"], panel.times, parameter="judge") if params["judge"] else panel.times >= start
    named = _predictors(panel, params["predictors"], str(params["outcome"]))
    predictors = np.vstack(list(named.values())) if named else None
    found = synthetic_control(outcome, unit, fitted=fitted, affected=judged, predictors=predictors)
    tried = None
    if params["placebos"] and outcome.shape[1] > 3:
        tried = placebos(
            outcome, unit, fitted=fitted, affected=judged, predictors=predictors, own=found, poor_fit=params["poor_fit"]
        )  # fmt: skip
    donors = [name for name in panel.units if name != panel.units[unit]]
    return Answer(
        _rows(panel, unit, outcome, found, judged),
        _summary(panel, donors, found, tried, judged, list(named)),
        tuple(_warnings(donors, found, tried, fitted, outcome[:, unit])),
    )


def _treated(panel: Panel, params: Mapping[str, Any]) -> tuple[int, float]:
    """The treated place and the first time it was treated, from parameters or from a column of 0 and 1."""
    start = float(params["starts"])
    if params["treated_unit"]:
        return panel.unit(params["treated_unit"]), start
    if "treated" not in panel.frame.columns:
        raise WrongUsage(
            "Say which place was treated.", where="parameter treated_unit", found="nothing",
            expected="its name, or a column `treated` of 0 and 1",
        )  # fmt: skip
    marked = panel.frame.filter(pl.col("treated") > 0)
    names = marked["unit"].unique(maintain_order=True).to_list()
    if len(names) != 1:
        raise WrongUsage(
            f"{len(names)} places are treated; a mix is made for one.", where="column treated",
            found=", ".join(names) or "none", expected="one place; leave_out sets others aside",
        )  # fmt: skip
    return panel.unit(names[0]), start or float(marked["time"].cast(pl.Float64).min())  # type: ignore[arg-type]


def _predictors(panel: Panel, text: str, outcome: str) -> dict[str, Array]:
    """`invest: 1964-1969; popdens: 1969` as means over those times, a value a place. The outcome may be one."""
    found = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        headings, _, span = part.partition(":")
        kept = times_in(span.strip(), panel.times, parameter="predictors")
        for heading in listed(headings):
            column = "outcome" if heading in {outcome, "outcome"} else heading
            values = panel.matrix(column)[kept]
            seen = np.isfinite(values)
            with np.errstate(invalid="ignore"):
                found[heading] = np.where(seen, values, 0.0).sum(axis=0) / seen.sum(axis=0)
    return found


def _rows(panel: Panel, unit: int, outcome: Array, found: SyntheticControl, judged: Mask) -> pl.DataFrame:
    return pl.DataFrame({
        "time": panel.times, "treated": outcome[:, unit], "synthetic": found.synthetic, "gap": found.gap,
        "is_judged": judged,
    })  # fmt: skip


def _summary(
    panel: Panel, donors: list[str], found: SyntheticControl, tried: Placebos | None, judged: Mask, named: list[str]
) -> dict[str, Any]:
    gaps = found.gap[judged]
    weights = {name: float(weight) for name, weight in zip(donors, found.weights, strict=True) if weight > 1e-6}
    return {
        "weights": weights, "importance": dict(zip(named, found.importance.tolist(), strict=True)),
        "att": found.effect, "att_se": float(gaps.std(ddof=1) / np.sqrt(gaps.size)) if gaps.size > 1 else None,
        "att_period": f"{panel.times[judged].min():g}-{panel.times[judged].max():g}",
        "mspe": found.mspe, "ratio": found.ratio,
        "placebo_pvalue": tried.p if tried else None,
        "placebos_compared": int(tried.kept.sum()) if tried else 0,
        "placebos_left_out": [name for name, kept in zip(donors, tried.kept, strict=True) if not kept] if tried else [],
    }  # fmt: skip


def _warnings(
    donors: list[str], found: SyntheticControl, tried: Placebos | None, fitted: Mask, own: Array
) -> list[str]:
    said = ["att_se takes the times as independent; judge by the placebos."]
    if len(donors) < LEAST_DONORS:
        least = 1 / (1 + (int(tried.kept.sum()) if tried else len(donors)))
        said.append(
            f"{len(donors)} donors are fewer than {LEAST_DONORS}: the placebo p can be no smaller than {least:.3f}."
        )
    if found.mspe > float(own[fitted].var()):
        said.append("The mix follows the treated place worse than its own mean does: do not use it.")
    if float(found.weights.max()) > 0.9:
        said.append(f"Nearly all weight lies on one place ({donors[int(found.weights.argmax())]}).")
    return said


_COLUMNS = (
    WantedColumn("unit", "text", "the place"),
    WantedColumn("time", "number", "year, quarter or week as a number"),
    WantedColumn("outcome", "number", "what the project was to change", gaps=True),
    WantedColumn("treated", "number", "1 from the first time on that the place was treated", required=False),
    WantedColumn(OTHERS, "any", "what `predictors` names", required=False),
)
_OUTPUTS = (
    Output("time", "number", "as given"),
    Output("treated", "number", "outcome of the treated place", "as outcome"),
    Output("synthetic", "number", "outcome of the mix", "as outcome"),
    Output("gap", "number", "treated less synthetic", "as outcome"),
    Output("is_judged", "boolean", "whether the gap counts towards the effect"),
)
_ASSUMES = (
    "No donor had the project, or anything like it, and none was touched by the treated place's.",
    "The mix that followed the place before would have followed it after.",
    "Nothing else happened to the treated place alone when the project began.",
)
_SOURCE = (
    "Abadie and Gardeazabal, American Economic Review 93(1), 2003; Abadie, Diamond and Hainmueller, J. American "
    "Statistical Association 105(490), 2010; Abadie, J. Economic Literature 59(2), 2021"
)


def _params(headings: tuple[str, str, str], unit: str, starts: float, fit: str, judge: str, predictors: str) -> tuple[
    Param, ...
]:  # fmt: skip
    return (
        Param("unit", "text", "heading of the column with the place", headings[0]),
        Param("time", "text", "heading of the column with the time", headings[1]),
        Param("outcome", "text", "heading of the column with the outcome", headings[2]),
        Param("treated", "text", "heading of the column of 0 and 1, where treated_unit is not given", "treated"),
        Param("treated_unit", "text", "the treated place", unit),
        Param("starts", "number", "first time that is treated; 0: from the column", starts),
        Param("fit", "text", "times on which the mix is judged, as 1960-1969; all before the start if empty", fit),
        Param("judge", "text", "times whose gap is the effect; all from the start if empty", judge),
        Param("predictors", "text", "columns and the times they are averaged over, as `a, b: 1964-1969; c: 1969`; "
              "empty: the mix fits the outcome itself", predictors),
        Param("leave_out", "text", "places set aside, parted by commas", ""),
        Param("placebos", "boolean", "treat each donor in turn", default=True),
        Param("poor_fit", "number", "a placebo that fits so many times worse (squared) is not compared", 5.0,
              least=1, most=1000),
    )  # fmt: skip


SYNTHETIC_CONTROL = Method(
    name="synthetic_control",
    version="1.1.0",
    title="Synthetic control with placebos",
    says="Sets the place that had the project against a weighted mix of places that had none, and asks how often a "
    "place without the project moves away from its mix as far.",
    source=_SOURCE,
    inputs={"panel": _COLUMNS},
    params=_params(("unit", "time", "outcome"), "", 0.0, "", "", ""),
    outputs=_OUTPUTS,
    compute=_mix,
    assumes=_ASSUMES,
)
SYNTHETIC_CONTROL_BASQUE = Method(
    name="synthetic_control_basque",
    version="1.1.0",
    title="Synthetic control, as first published",
    says="The method of `synthetic_control` with the headings, predictors and years of the Basque Country study.",
    source=_SOURCE,
    inputs={"panel": _COLUMNS},
    params=_params(
        ("regionname", "year", "gdpcap"), "Basque Country (Pais Vasco)", 1970.0, "1960-1969", "1975-1997", _BASQUE
    ),
    outputs=_OUTPUTS,
    compute=_mix,
    assumes=_ASSUMES,
)
