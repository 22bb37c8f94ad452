"""What regions that overlap give away of the places they are made of."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, hstack, identity

from upstander.contracts.methods import OTHERS, Answer, Method, Output, Param, WantedColumn
from upstander.disclosure.bounds import Wanted, reach, whole_numbers
from upstander.disclosure.types import Flags, Numbers
from upstander.errors import NotAcceptable

_ROOM = 1_000.0


def _differencing(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    names, atoms, masks, totals, true = _regions(frames["regions"])
    published = _published(names, totals, params)
    few, limit = int(params["suppress_up_to"]), 4 * (float(np.nansum(totals)) + _ROOM)
    size = len(atoms)
    sums = hstack([csr_matrix(masks[published]), -identity(int(published.sum()))]).tocsr()
    low = np.concatenate([np.zeros(size), totals[published]])
    high = np.concatenate([np.full(size, limit), totals[published]])
    targets = np.arange(size)
    found = reach(sums, low, high, Wanted.widths(targets, np.full(size, np.inf)))
    least, most = found.least[:size], found.most[:size]
    values = whole_numbers(least, most)
    is_told = (least <= few) & (most >= 1) & (values < max(few, 2))
    is_limited = most < limit / 2
    rows = pl.DataFrame({
        "atom": atoms, "true": true, "low": least, "high": np.where(is_limited, most, np.nan),
        "values": np.where(is_limited, values, np.nan), "is_pinned": values == 1, "is_exposed": is_told,
    }).with_columns(pl.col("high").fill_nan(None), pl.col("values").fill_nan(None).cast(pl.Int64))  # fmt: skip
    apart = _differences(np.array(names)[published].tolist(), masks[published] > 0, totals[published], few)
    summary = {
        "published": np.array(names)[published].tolist(), "pinned": int((values == 1).sum()),
        "exposed": int(is_told.sum()), "differences": apart, "few": few,
    }  # fmt: skip
    return Answer(rows, summary)


def _regions(frame: pl.DataFrame) -> tuple[list[str], list[str], Numbers, Numbers, list[float | None]]:
    """Names, atoms, masks (regions by atoms), totals (NaN: not told), and the true counts of the atoms, if told."""
    if "aggregates" in frame.columns:
        told, atoms = json.loads(frame["aggregates"][0]), json.loads(frame["atoms"][0])
        masks = np.array([each["mask"] for each in told.values()], dtype=np.float64)
        totals = np.array([each["total"] for each in told.values()], dtype=np.float64)
        true = json.loads(frame["true"][0]) if "true" in frame.columns else [None] * len(atoms)
        return list(told), atoms, masks, totals, true
    absent = [name for name in ("region", "total") if name not in frame.columns]
    if absent:
        raise NotAcceptable(
            f"regions: there is no column '{absent[0]}'.", where="regions", found=", ".join(frame.columns),
            expected="region, total, and atom (a row for each) or one column of 0 and 1 for each",
        )  # fmt: skip
    number = pl.col("total").cast(pl.Float64, strict=False)
    if "atom" in frame.columns:
        regions = frame.group_by("region", maintain_order=True).agg(number.first())
        atoms = frame["atom"].unique(maintain_order=True).to_list()
        held = {(row["region"], row["atom"]) for row in frame.iter_rows(named=True)}
        masks = np.array([[float((region, atom) in held) for atom in atoms] for region in regions["region"]])
    else:
        regions = frame.select("region", number)
        atoms = [name for name in frame.columns if name not in ("region", "total", "atoms", "true", "aggregates")]
        masks = frame.select(pl.col(atoms).cast(pl.Float64)).to_numpy()
    totals = regions["total"].fill_null(np.nan).to_numpy()
    return regions["region"].to_list(), atoms, masks, totals, [None] * len(atoms)


def _published(names: list[str], totals: Numbers, params: Mapping[str, Any]) -> Flags:
    """Those named by `published` (all, where it is empty) less those named by `withheld`, by name or its beginning."""
    only = [word.strip() for word in str(params["published"]).split(",") if word.strip()]
    less = [word.strip() for word in str(params["withheld"]).split(",") if word.strip()]
    unknown = [word for word in (*only, *less) if not any(name.startswith(word) for name in names)]
    if unknown:
        raise NotAcceptable(
            f"regions: none is called '{unknown[0]}'.", where="regions", found=unknown[0], expected=", ".join(names)
        )
    flags = [
        (not only or any(name.startswith(word) for word in only)) and not any(name.startswith(word) for word in less)
        for name in names
    ]
    return np.array(flags) & ~np.isnan(totals)


def _differences(names: list[str], masks: Flags, totals: Numbers, few: int) -> list[dict[str, Any]]:
    """A less B, and A less B less C, where those lie in A without overlap and 1 to few are left."""
    found: list[dict[str, Any]] = []
    inside = (masks[:, None, :] >= masks[None, :, :]).all(axis=2) & (masks.sum(1)[:, None] > masks.sum(1)[None, :])
    for a, b in zip(*np.nonzero(inside), strict=True):
        others = [c for c in range(b + 1, len(names)) if inside[a, c] and not (masks[b] & masks[c]).any()]
        for taken in ([b], *([b, c] for c in others)):
            left = float(totals[a] - totals[taken].sum())
            if 1 <= left <= few:
                found.append({"region": names[a], "less": [names[each] for each in taken], "left": left})
    return found


DIFFERENCING = Method(
    name="sdc_differencing",
    version="1.0.0",
    title="What overlapping regions give away",
    says="Totals of wards, of beats, of any regions that overlap: the least and the most that each place inside them "
    "can be, and every region less others that leaves few people.",
    source="Fischetti & Salazar, Solving the cell suppression problem on tabular data with linear constraints, "
    "Management Science 47, 2001; Duke-Williams & Rees, Can census offices publish statistics for more than one small "
    "area geography, International Journal of GIS 12, 1998",
    inputs={
        "regions": (
            WantedColumn("region", "text", "the region's name", required=False),
            WantedColumn("total", "text", "its published count; empty: withheld", "count", required=False),
            WantedColumn("atom", "text", "a place inside it, a row each", required=False),
            WantedColumn("atoms", "text", "JSON: the places", required=False),
            WantedColumn("true", "text", "JSON: their counts", required=False),
            WantedColumn("aggregates", "text", "JSON: name, then mask and total", required=False),
            WantedColumn(OTHERS, "text", "without atom: a column a place, 1 where it is inside", required=False),
        ),
    },
    params=(
        Param("published", "text", "names of regions, or how they begin, with commas; empty: all", ""),
        Param("withheld", "text", "names of regions that are not published", ""),
        Param("suppress_up_to", "integer", "how many people are few", 4, "count", 1, 1_000_000),
    ),
    outputs=(
        Output("atom", "text", "the place"),
        Output("true", "number", "its count, if told", "count"),
        Output("low", "number", "the least it can be", "count"),
        Output("high", "number", "the most it can be; absent: no limit", "count"),
        Output("values", "integer", "how many whole numbers it can be"),
        Output("is_pinned", "boolean", "whether only one number fits"),
        Output("is_exposed", "boolean", "whether it tells of few people more closely than it may"),
    ),
    compute=_differencing,
    assumes=("Counts are not negative, and readers know nothing else.",),
)  # fmt: skip
