"""Methods about what prevention is worth."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import UnfitNumbers, WrongType
from upstander.analysis.impact.costs import total, uprated, worth
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_YEAR = re.compile(r"(\d{4})[_/-](\d{2})$")


def _cost_benefit(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    costs, warnings = _costs(frames["costs"])
    base_year = params["base_year"] or _year_in(params["cost"])
    price_year, factor = _prices(frames.get("index"), base_year, params["price_year"])
    if factor is None:
        warnings.append(f"No index was given: costs stay in the prices of {base_year or 'their own year'}.")
    costs = costs.with_columns(uprated_cost=pl.Series(uprated(costs["unit_cost"].to_numpy(), 1.0, factor or 1.0)))
    rows = costs if "effects" not in frames else _effects(costs, frames["effects"], params["discount_rate"], warnings)
    wanted = [column.column for column in COST_BENEFIT.outputs]
    rows = rows.with_columns(pl.lit(None, pl.Float64).alias(name) for name in wanted if name not in rows.columns)
    summary: dict[str, Any] = {"base_year": base_year or None, "price_year": price_year, "uprated_by": factor or 1.0}
    if "effects" in frames:
        summary |= _balance(rows, params["programme_cost"])
        warnings.append("low and high add up rows as if all were low or high together; it is the widest range.")
        warnings.append("These unit costs hold health services' costs: do not add NHS savings for the same injuries.")
    return Answer(rows, summary, tuple(warnings))


def _costs(given: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Unit costs as numbers. A cell such as `approx 3200000 (…)` counts as its first number, and is said to."""
    words = given["cost"].to_list()
    found = [_NUMBER.search(word) for word in words]
    if None in found:
        row = found.index(None) + 1
        raise WrongType(
            f"costs, row {row}: the cost is not a number.", where=f"costs, row {row}, column cost",
            found="something without a number", expected="pounds, as 14050",
        )  # fmt: skip
    if given["offence"].is_duplicated().any():
        raise UnfitNumbers("An offence has two costs.", where="costs, column offence", expected="one row an offence")
    numbers = [float(match.group().replace(",", "")) for match in found if match]
    if min(numbers, default=0.0) < 0:
        raise UnfitNumbers("A crime costs less than nothing.", where="costs, column cost", expected="0 or more")
    loose = [match is not None and match.group() != word.strip("£ ") for match, word in zip(found, words, strict=True)]
    warnings = [
        f"{offence}: its cost is no plain number and is taken as {number:,.0f}."
        for offence, number, is_loose in zip(given["offence"].to_list(), numbers, loose, strict=True)
        if is_loose
    ]
    return pl.DataFrame({"offence": given["offence"], "unit_cost": numbers, "is_approximate": loose}), warnings


def _year_in(heading: str) -> str:
    """The financial year that a heading such as `unit_cost_gbp_2015_16` ends with."""
    match = _YEAR.search(heading)
    return f"{match[1]}/{match[2]}" if match else ""


def _prices(index: pl.DataFrame | None, base_year: str, price_year: str) -> tuple[str | None, float | None]:
    """The year whose prices are wanted, the last of the index unless said, and the factor; none without an index."""
    if index is None or index.is_empty():
        if price_year and price_year != base_year:
            raise WrongUsage(
                f"Prices of {price_year} need an index.", where="parameter price_year", found="no index",
                expected="--input index=FILE with year and index",
            )  # fmt: skip
        return base_year or None, None
    wanted = price_year or str(index["year"][-1])
    levels = dict(zip(index["year"].to_list(), index["index"].to_list(), strict=True))
    for year in (base_year, wanted):
        if year not in levels:
            raise WrongUsage(
                f"The index has no year '{year}'.", where="index, column year", found=", ".join(levels), expected=year
            )
    return wanted, float(uprated(np.ones(1), levels[base_year], levels[wanted])[0])


def _effects(costs: pl.DataFrame, effects: pl.DataFrame, rate: float, warnings: list[str]) -> pl.DataFrame:
    for column, stand_in in (("low", pl.col("prevented")), ("high", pl.col("prevented")), ("year", pl.lit(0.0)),
                             ("multiplier", pl.lit(1.0)), ("counts", pl.lit("all"))):  # fmt: skip
        if column not in effects.columns:
            effects = effects.with_columns(stand_in.alias(column))
    effects = effects.with_columns(
        pl.col("low").fill_null(pl.col("prevented")), pl.col("high").fill_null(pl.col("prevented")),
        pl.col("year").fill_null(0.0), pl.col("multiplier").fill_null(1.0), pl.col("counts").fill_null("all"),
    )  # fmt: skip
    joined = effects.join(costs, on="offence", how="left", maintain_order="left")
    _refuse(joined)
    is_recorded = (joined["counts"] == "recorded").to_numpy()
    unused = joined.filter((pl.col("counts") != "recorded") & (pl.col("multiplier") != 1))["offence"].to_list()
    if unused:
        warnings.append(f"The multiplier is not used for {', '.join(unused)}: that count is not of recorded crime.")
    values = {
        name: worth(
            joined["uprated_cost"].to_numpy(), joined[column].to_numpy(), multiplier=joined["multiplier"].to_numpy(),
            is_recorded=is_recorded, year=joined["year"].to_numpy(), rate=rate,
        )
        for name, column in (("benefit", "prevented"), ("benefit_low", "low"), ("benefit_high", "high"))
    }  # fmt: skip
    return joined.with_columns(
        multiplier=pl.when(pl.Series(is_recorded)).then("multiplier").otherwise(1.0),
        discount=pl.Series(1 / (1 + rate) ** joined["year"].to_numpy()),
        **{name: pl.Series(each) for name, each in values.items()},
    )


def _refuse(joined: pl.DataFrame) -> None:
    lost = joined["unit_cost"].is_null()
    if lost.any():
        row = int(lost.arg_true()[0]) + 1
        raise UnfitNumbers(
            f"effects, row {row}: the offence has no unit cost.", where=f"effects, row {row}, column offence",
            found="an offence without a cost", expected="an offence of the costs",
        )  # fmt: skip
    wild = ~joined["counts"].is_in(["recorded", "all"])
    if wild.any():
        row = int(wild.arg_true()[0]) + 1
        raise UnfitNumbers(
            f"effects, row {row}: counts is neither recorded nor all.", where=f"effects, row {row}, column counts",
            found="another word", expected="recorded or all",
        )  # fmt: skip
    crossed = (joined["low"] > joined["prevented"]) | (joined["high"] < joined["prevented"])
    if crossed.any():
        row = int(crossed.arg_true()[0]) + 1
        raise UnfitNumbers(
            f"effects, row {row}: low, prevented and high are not in that order.", where=f"effects, row {row}",
            found="limits the wrong way round", expected="low ≤ prevented ≤ high",
        )  # fmt: skip


def _balance(rows: pl.DataFrame, spent: float) -> dict[str, Any]:
    value = total(*(rows[name].to_numpy() for name in ("benefit_low", "benefit", "benefit_high")))
    ratio = value.over(spent)
    return {
        "benefit": value.best, "benefit_low": value.low, "benefit_high": value.high, "programme_cost": spent,
        "net_present_value": value.best - spent, "net_low": value.low - spent, "net_high": value.high - spent,
        "benefit_per_pound": ratio.best if ratio else None, "benefit_per_pound_low": ratio.low if ratio else None,
        "benefit_per_pound_high": ratio.high if ratio else None,
    }  # fmt: skip


COST_BENEFIT = Method(
    name="cost_benefit_unit_costs",
    version="1.0.0",
    title="Cost and benefit from dated unit costs",
    says="What prevented crimes were worth in the prices of one year, discounted, against what the project cost; "
    "always a range. With costs alone it uprates them.",
    source="Heeks et al., The economic and social costs of crime, 2nd edition, Home Office Research Report 99, 2018; "
    "HM Treasury, The Green Book, 2022",
    inputs={
        "costs": (
            WantedColumn("offence", "text", "as the effects name it"),
            WantedColumn("cost", "text", "cost of one, a number in pounds", "GBP"),
        ),
        "effects": (
            WantedColumn("offence", "text", "as the costs name it"),
            WantedColumn("prevented", "number", "crimes fewer than without the project; below 0: more", "crimes"),
            WantedColumn("low", "number", "lower limit of prevented", "crimes", required=False),
            WantedColumn("high", "number", "upper limit of prevented", "crimes", required=False),
            WantedColumn("counts", "text", "recorded: by the police; all: as they happen", required=False),
            WantedColumn("multiplier", "number", "crimes that happen for each recorded", required=False),
            WantedColumn("year", "number", "after the start, 0 the first", "years", required=False),
        ),
        "index": (
            WantedColumn("year", "text", "as 2015/16"),
            WantedColumn("index", "number", "price level of that year, such as the GDP deflator"),
        ),
    },
    optional_roles=("effects", "index"),
    params=(
        Param("cost", "text", "heading of the column with the costs", "unit_cost_gbp_2015_16"),
        Param("base_year", "text", "prices the costs are in; from the heading if empty", ""),
        Param("price_year", "text", "prices wanted; the last year of the index if empty", ""),
        Param("discount_rate", "number", "a year, in real terms", 0.035, "a year", 0, 0.2),
        Param("programme_cost", "number", "what the project cost, discounted, in the prices wanted", 0.0, "GBP", 0,
              1e12),
    ),
    outputs=(
        Output("offence", "text", "as given"),
        Output("unit_cost", "number", "as given", "GBP"),
        Output("is_approximate", "boolean", "whether the cell was not a plain number"),
        Output("uprated_cost", "number", "in the prices wanted", "GBP"),
        Output("prevented", "number", "as given", "crimes"),
        Output("multiplier", "number", "as used: 1 unless recorded crime was counted"),
        Output("discount", "number", "factor of its year"),
        Output("benefit", "number", "worth", "GBP"),
        Output("benefit_low", "number", "worth at the lower limit", "GBP"),
        Output("benefit_high", "number", "worth at the upper limit", "GBP"),
    ),
    compute=_cost_benefit,
    assumes=(
        "An average crime was prevented, as costly as the average one.",
        "The crimes would not have been committed elsewhere or later.",
        "The multiplier holds for this place and these years.",
    ),
)  # fmt: skip
