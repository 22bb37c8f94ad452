"""Methods about people or places that are followed until something happens. No input holds an identifier."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.impact.matching import BALANCED, Matched, matched_cohort
from upstander.analysis.impact.survival import Cox, cox, kaplan_meier, log_rank, median_time
from upstander.analysis.methods.panels import complete_numbers, listed
from upstander.contracts.methods import OTHERS, Answer, Method, Output, Param, WantedColumn

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def _followed(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    cohort = frames["cohort"]
    if cohort.is_empty():
        raise TooFewPoints(where="cohort", found=0, needed=2)
    time, event = cohort["time"].to_numpy(), _events(cohort)
    names, group = _groups(cohort, str(params["group"]))
    at = _times(params["times"], time)
    curves = [
        kaplan_meier(time[group == code], event[group == code], at, confidence=params["confidence"]).with_columns(
            group=pl.lit(name)
        )
        for code, name in enumerate(names)
    ]
    regression = _regression(cohort, params, time, event)
    parts = [pl.concat(curves).with_columns(table=pl.lit("kaplan_meier"))]
    parts += [] if regression is None else [regression.table.with_columns(table=pl.lit("cox"))]
    parts += [] if regression is None else [regression.proportional.with_columns(table=pl.lit("proportional"))]
    rows = pl.concat(parts, how="diagonal_relaxed")
    wanted = [column.column for column in SURVIVAL.outputs]
    rows = rows.with_columns(pl.lit(None, pl.Float64).alias(name) for name in wanted if name not in rows.columns)
    if params["table"] != "all":
        rows = rows.filter(table=params["table"])
    medians = {name: median_time(time[group == code], event[group == code]) for code, name in enumerate(names)}
    return Answer(rows, _summary(time, event, group, names, regression) | {"median": medians}, _warnings(regression))


def _events(cohort: pl.DataFrame) -> Flags:
    values = cohort["event"]
    if not values.is_in([0.0, 1.0]).all():
        row = int((~values.is_in([0.0, 1.0])).arg_true()[0]) + 1
        raise UnfitNumbers(
            f"Row {row}: the event is neither 0 nor 1.", where=f"cohort, row {row}, column event",
            found="another number", expected="1 where it happened, 0 where the time ended without it",
        )  # fmt: skip
    flags: Flags = values.to_numpy() > 0
    return flags


def _groups(cohort: pl.DataFrame, heading: str) -> tuple[list[str], NDArray[np.int64]]:
    if "group" not in cohort.columns:
        return ["all"], np.zeros(cohort.height, dtype=np.int64)
    names = cohort["group"].fill_null("missing").unique().sort().to_list()
    codes = cohort["group"].fill_null("missing").replace_strict(names, list(range(len(names))), return_dtype=pl.Int64)
    return [f"{heading}={name}" for name in names], codes.to_numpy()


def _times(text: str, time: Array) -> Array:
    if not text.strip():
        return np.unique(time)
    try:
        return np.array([float(word) for word in listed(text)])
    except ValueError as why:
        raise UnfitNumbers(
            f"'{text}' is no list of times.", where="parameter times", found=text, expected="10, 26, 40"
        ) from why


def _regression(cohort: pl.DataFrame, params: Mapping[str, Any], time: Array, event: Flags) -> Cox | None:
    terms = listed(params["covariates"])
    if not terms:
        return None
    frame = cohort.rename({"group": str(params["group"])}) if "group" in cohort.columns else cohort
    return cox(time, event, complete_numbers(frame, terms), tuple(terms), confidence=params["confidence"])


def _summary(
    time: Array, event: Flags, group: NDArray[np.int64], names: list[str], regression: Cox | None
) -> dict[str, Any]:
    found: dict[str, Any] = {"followed": time.size, "events": int(event.sum())}
    if len(names) > 1:
        chisq, p, freedom = log_rank(time, event, group)
        found |= {"logrank_chisq": chisq, "logrank_p": p, "logrank_df": freedom}
    if regression is not None:
        found |= {
            "concordance": regression.concordance, "loglik": list(regression.loglik),
            "zph_global_p": float(regression.proportional["p"][-1]),
        }  # fmt: skip
    return found


def _warnings(regression: Cox | None) -> tuple[str, ...]:
    if regression is None:
        return ()
    changing = regression.proportional.filter((pl.col("p") < 0.05) & (pl.col("term") != "GLOBAL"))["term"].to_list()
    if not changing:
        return ()
    return (f"The hazard ratio seems to change with time for {', '.join(changing)}: it is an average over the time.",)


SURVIVAL = Method(
    name="survival_recidivism",
    version="1.0.0",
    title="Time until it happens again: Kaplan–Meier, log-rank, Cox",
    says="The share still free of the event over time, by group, whether groups differ, and what goes with sooner or "
    "later. For a cohort as a whole; it ranks nobody.",
    source="Kaplan and Meier, J. American Statistical Association 53, 1958; Mantel 1966; Cox, J. Royal Statistical "
    "Society B 34(2), 1972; Efron 1977; Grambsch and Therneau, Biometrika 81(3), 1994",
    inputs={
        "cohort": (
            WantedColumn("time", "number", "time at risk until the event or the end of follow-up", "any, one for all"),
            WantedColumn("event", "number", "1 where it happened, 0 where time ended without it"),
            WantedColumn("group", "text", "groups whose curves are compared", required=False, gaps=True),
            WantedColumn(OTHERS, "any", "what `covariates` names", required=False),
        )
    },
    params=(
        Param("time", "text", "heading of the column with the time", "week"),
        Param("event", "text", "heading of the column with the event", "arrest"),
        Param("group", "text", "heading of the column with the group", "fin"),
        Param("covariates", "text", "headings of the columns in the Cox regression; none if empty",
              "fin, age, race, wexp, mar, paro, prio"),
        Param("times", "text", "times at which the curves are read; every time in the file if empty", ""),
        Param("confidence", "number", "chance that an interval holds the truth", 0.95, least=0.5, most=0.999),
        Param("table", "text", "which rows to give", "all", choices=("all", "kaplan_meier", "cox", "proportional")),
    ),
    outputs=(
        Output("table", "text", "kaplan_meier, cox or proportional"),
        Output("group", "text", "the group of a curve"),
        Output("time", "number", "at which the curve is read", "as given"),
        Output("n_risk", "integer", "followed up to that time or longer"),
        Output("n_event", "integer", "events at that time"),
        Output("surv", "number", "share still free of the event"),
        Output("term", "text", "covariate"),
        Output("coef", "number", "log hazard ratio per unit of the covariate"),
        Output("se", "number", "standard error of surv, or of coef"),
        Output("hr", "number", "hazard ratio"),
        Output("lo", "number", "lower limit of surv (log scale), or of hr"),
        Output("hi", "number", "upper limit of surv, or of hr"),
        Output("z", "number", "coef / se"),
        Output("chisq", "number", "that the effect does not change with time"),
        Output("p", "number", "of z, or of chisq"),
    ),
    compute=_followed,
    assumes=(
        "Whoever drops out is no likelier to have the event than those who stay.",
        "Time in which the event could not happen, such as custody, has been left out.",
        "For Cox: each covariate multiplies the hazard by the same factor throughout.",
    ),
)  # fmt: skip


def _matched(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    cohort, terms = frames["cohort"], listed(params["covariates"])
    if not cohort["treated"].is_in([0.0, 1.0]).all():
        raise UnfitNumbers("treated is neither 0 nor 1 in some row.", where="cohort, column treated", expected="0 or 1")
    found = matched_cohort(
        cohort["treated"].to_numpy() > 0, cohort["outcome"].to_numpy(), complete_numbers(cohort, terms),
        partners=params["partners"], confidence=params["confidence"], draws=params["draws"], seed=seed,
    )  # fmt: skip
    rows = pl.DataFrame({
        "covariate": terms, "smd_before": found.before, "smd_after": found.after,
        "is_balanced": np.abs(found.after) < BALANCED,
    })  # fmt: skip
    return Answer(rows, _matched_summary(found), tuple(_matched_warnings(found, terms)))


def _matched_summary(found: Matched) -> dict[str, Any]:
    best, low, high = found.difference
    ratio: tuple[float | None, ...] = found.ratio or (None, None, None)
    shown = found.e_value or (None, None)
    return {
        "pairs": found.treated.size, "matched": int(np.unique(found.treated).size), "unmatched": found.unmatched,
        "caliper": found.caliper, "risk_treated": found.risk_treated, "risk_control": found.risk_control,
        "difference": best, "difference_low": low, "difference_high": high,
        "ratio": ratio[0], "ratio_low": ratio[1], "ratio_high": ratio[2], "e_value": shown[0],
        "e_value_limit": shown[1],
    }  # fmt: skip


def _matched_warnings(found: Matched, terms: list[str]) -> list[str]:
    said = []
    uneven = [term for term, smd in zip(terms, found.after, strict=True) if abs(smd) >= BALANCED]
    if uneven:
        said.append(f"The groups still differ in {', '.join(uneven)}: the comparison is not like with like.")
    if found.unmatched:
        said.append(f"{found.unmatched} who had the project have no like: the answer is not about them.")
    said.append("Both groups' time must start at the same kind of event, or the referred are those who got so far.")
    return said


MATCHED_COHORT = Method(
    name="matched_cohort",
    version="1.0.0",
    title="Matched cohort",
    says="Those who had the project against people like them who had not, matched on the chance of having had it, "
    "with balance and how strong something unmeasured would have to be. For a cohort as a whole.",
    source="Rosenbaum and Rubin, Biometrika 70(1), 1983; Austin, Pharmaceutical Statistics 10(2), 2011; VanderWeele "
    "and Ding, Annals of Internal Medicine 167(4), 2017",
    inputs={
        "cohort": (
            WantedColumn("treated", "number", "1 for who had the project, else 0"),
            WantedColumn("outcome", "number", "0 or 1, or a number"),
            WantedColumn(OTHERS, "any", "what `covariates` names", required=False),
        )
    },
    params=(
        Param("treated", "text", "heading of the column of 0 and 1", "treated"),
        Param("outcome", "text", "heading of the column with the outcome", "outcome"),
        Param("covariates", "text", "headings of what was known before the project", ""),
        Param("partners", "integer", "for each who had it, up to so many", 1, least=1, most=10),
        Param("confidence", "number", "chance that the limits hold the truth", 0.95, least=0.5, most=0.999),
        Param("draws", "integer", "matched sets drawn again so many times", 2000, least=200, most=20_000),
    ),
    outputs=(
        Output("covariate", "text", "as named"),
        Output("smd_before", "number", "standardised mean difference before matching"),
        Output("smd_after", "number", "after matching"),
        Output("is_balanced", "boolean", "under 0.1 after matching"),
    ),
    compute=_matched,
    assumes=(
        "Everything that goes with both referral and outcome is among the covariates.",
        "Time at risk starts alike in both groups, and covariates are from before it.",
        "There is a legal basis to hold person-level outcomes of those who had no project.",
    ),
)
