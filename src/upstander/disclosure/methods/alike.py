"""How many rows are alike in what outsiders may know, and what they share."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.contracts.methods import OTHERS, Answer, Method, Output, Param, WantedColumn
from upstander.disclosure.anonymity import anonymity
from upstander.errors import NotAcceptable, WrongUsage

_ALL = "all others"


def _k_anonymity(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    rows = frames["rows"].with_columns(pl.all().fill_null(""))
    sensitive = _listed(rows, str(params["sensitive"]))
    known = _listed(rows, str(params["known"])) or [name for name in rows.columns if name not in sensitive]
    if not rows.height:
        raise NotAcceptable("rows: there is no row.", where="rows", found="no row", expected="one row or more")
    whole = anonymity(rows, known)
    groups = rows.group_by(known).agg(
        size=pl.len().cast(pl.Int64),
        **{f"l_{name}": pl.col(name).n_unique() for name in sensitive},
    ).sort(known)  # fmt: skip
    far = {name: _t_closeness(rows, known, name) for name in sensitive}
    for name, distances in far.items():
        groups = groups.join(distances, on=known, how="left", maintain_order="left").rename({"t": f"t_{name}"})
    groups, journalist = _population(groups, known, frames.get("population"))
    lists = {"l": [f"l_{name}" for name in sensitive], "t": [f"t_{name}" for name in sensitive]}
    told = groups.select(
        group=pl.concat_str(known, separator="|"),
        size="size",
        prosecutor_risk=1 / pl.col("size"),
        journalist_risk=1 / pl.col("population"),
        l=pl.min_horizontal(lists["l"]) if sensitive else pl.lit(None, pl.Int64),
        t=pl.max_horizontal(lists["t"]) if sensitive else pl.lit(None, pl.Float64),
    ).sort("size", "group")
    summary = {
        "rows": whole.rows, "groups": whole.groups, "k": whole.k, "unique": whole.unique, "below_5": whole.below_5,
        "below_10": whole.below_10, "l": told["l"].min(), "t": told["t"].max(),
        "prosecutor_risk": 1 / whole.k, "mean_risk": whole.groups / whole.rows, "journalist_risk": journalist,
        "known": known, "sensitive": sensitive, "is_k_anonymous": whole.k >= params["k"],
    }  # fmt: skip
    few = told.filter(pl.col("size") < params["k"])
    warnings = (f"{few['size'].sum()} rows stand in groups of fewer than {params['k']}.",) if few.height else ()
    return Answer(told, summary, warnings)


def _listed(rows: pl.DataFrame, words: str) -> list[str]:
    names = [word.strip() for word in words.split(",") if word.strip() and word.strip() != _ALL]
    absent = [name for name in names if name not in rows.columns]
    if absent:
        raise WrongUsage(
            f"rows: there is no column '{absent[0]}'.", where="rows", found=absent[0], expected=", ".join(rows.columns)
        )
    return names


def _t_closeness(rows: pl.DataFrame, known: list[str], name: str) -> pl.DataFrame:
    """How far each group's values are from everybody's: half the sum of differences of shares, or for numbers the mean
    difference of cumulated shares (Li, Li and Venkatasubramanian, 2007, 4.1 and 4.2).
    """
    number = rows[name].cast(pl.Float64, strict=False)
    is_ordered = number.null_count() == 0
    values = (number if is_ordered else rows[name]).rename("value")
    held = rows.select(known).with_columns(values)
    order = values.unique().sort()
    share = held.group_by(known).agg(pl.col("value"))
    place = {value: at for at, value in enumerate(order.to_list())}
    everybody = np.bincount([place[value] for value in values.to_list()], minlength=len(order)) / len(values)
    groups = ([place[value] for value in group] for group in share["value"].to_list())
    counts = np.array([np.bincount(group, minlength=len(order)) / len(group) for group in groups])
    apart = counts - everybody
    if is_ordered:
        distance = np.abs(np.cumsum(apart, axis=1)).sum(axis=1) / max(len(order) - 1, 1)
    else:
        distance = np.abs(apart).sum(axis=1) / 2
    return share.select(known).with_columns(t=pl.Series(distance))


def _population(
    groups: pl.DataFrame, known: list[str], population: pl.DataFrame | None
) -> tuple[pl.DataFrame, float | None]:
    """How many people of the whole population are in each group, and the risk that follows."""
    if population is None:
        return groups.with_columns(population=pl.lit(None, pl.Float64)), None
    absent = [name for name in (*known, "people") if name not in population.columns]
    if absent:
        raise NotAcceptable(
            f"population: there is no column '{absent[0]}'.", where="population", found=", ".join(population.columns),
            expected=", ".join((*known, "people")),
        )  # fmt: skip
    sizes = population.with_columns(pl.col(known).fill_null("")).group_by(known).agg(population=pl.col("people").sum())
    joined = groups.join(sizes, on=known, how="left", maintain_order="left")
    joined = joined.with_columns(population=pl.max_horizontal("population", "size").cast(pl.Float64))
    return joined, float(1 / joined["population"].min())  # type: ignore[operator] # any literal, to polars


K_ANONYMITY = Method(
    name="k_anonymity",
    version="1.0.0",
    title="How many people are alike",
    says="The smallest group of rows that agree in what outsiders may know (k), how many sensitive values each "
    "group has (l), how far its values are from everybody's (t), and the risk that somebody is recognised.",
    source="Samarati & Sweeney, Protecting privacy when disclosing information, SRI, 1998; Machanavajjhala et al., "
    "l-diversity, TKDD 1, 2007; Li et al., t-closeness, ICDE, 2007; El Emam & Dankar, JAMIA 15, 2008 (risks)",
    inputs={
        "rows": (
            WantedColumn(
                OTHERS, "text", "one row a person: what is known of them, and what is sensitive", required=False
            ),
        ),
        "population": (
            WantedColumn("people", "number", "how many people of the population", "people"),
            WantedColumn(OTHERS, "text", "the known columns"),
        ),
    },
    optional_roles=("population",),
    params=(
        Param("known", "text", "the columns that an outsider may know, with commas", _ALL),
        Param("sensitive", "text", "the columns that they must not learn, with commas", ""),
        Param("k", "integer", "the size of group that is asked for", 5, "rows", 1, 1_000_000),
    ),
    outputs=(
        Output("group", "text", "the known values, joined by |"),
        Output("size", "integer", "rows in it", "rows"),
        Output("prosecutor_risk", "number", "1 / size: the risk of who knows that a person is in the file", "share"),
        Output("journalist_risk", "number", "1 / people of the population; absent: not told", "share"),
        Output("l", "integer", "the fewest distinct values of a sensitive column; absent: none named"),
        Output("t", "number", "the largest distance of a sensitive column from everybody's", "0 to 1"),
    ),
    compute=_k_anonymity,
    assumes=("Outsiders know no other column. It does not add up: of two k-anonymous files both together may not be.",),
)
