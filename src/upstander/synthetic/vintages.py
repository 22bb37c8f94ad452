"""Small areas of the older vintage: most kept their code, a few were split or merged on the way to 2021."""

import numpy as np
import polars as pl

from upstander.synthetic.chance import Indices, Numbers
from upstander.synthetic.land import Land, neighbours

# Positions in the land's order. Splits: so many areas here were one before. Merges: this area was two before.
_SPLITS = {4: 2, 60: 2, 121: 2, 250: 2, 300: 3, 400: 2, 520: 2, 590: 2}
_MERGES = (33, 180, 333, 450)


def _older_codes(land: Land) -> tuple[dict[int, str], dict[int, tuple[str, str]]]:
    """Codes of older areas that were split (by position) and of the pairs that were merged."""
    split = {
        one: f"F01009{number:03d}"
        for number, (start, parts) in enumerate(_SPLITS.items(), 1)
        for one in neighbours(land.shapes, start, parts)
    }
    merged = {one: (f"F01008{2 * number:03d}", f"F01008{2 * number + 1:03d}") for number, one in enumerate(_MERGES)}
    return split, merged


def lsoa11_lookup(land: Land) -> pl.DataFrame:
    """Older to newer small areas in the official layout; change_code U unchanged, S split, M merged."""
    split, merged = _older_codes(land)
    rows = [
        (older, change, position)
        for position, code in enumerate(land.areas["code"])
        for older, change in _older_of(position, code, split, merged)
    ]
    older, change, position = (list(column) for column in zip(*rows, strict=True))
    newer = land.areas[position]
    return pl.DataFrame({
        "lsoa11_name": [name if kind == "U" else f"{name[:-1]}older {code[-3:]}"
                        for name, kind, code in zip(newer["name"], change, older, strict=True)],
        "lsoa11_code": older,
        "change_code": change,
        "lsoa21_name": newer["name"],
        "lsoa21_code": newer["code"],
        "ltla22_name": newer["ltla_name"],
        "ltla22_code": newer["ltla_code"],
    }).with_columns(pl.col("lsoa11_name").first().over("lsoa11_code"))  # fmt: skip


def _older_of(
    position: int, code: str, split: dict[int, str], merged: dict[int, tuple[str, str]]
) -> list[tuple[str, str]]:
    if position in split:
        return [(split[position], "S")]
    return [(older, "M") for older in merged[position]] if position in merged else [(code, "U")]


def lsoa11_of_points(land: Land, area: Indices, points: Numbers) -> pl.Series:
    """The older small area of each point: of a merged pair, the western or the eastern one."""
    split, merged = _older_codes(land)
    codes = land.areas["code"].to_list()
    west = np.array([merged[one][0] if one in merged else split.get(one, code) for one, code in enumerate(codes)])
    east = np.array([merged[one][1] if one in merged else split.get(one, code) for one, code in enumerate(codes)])
    is_west = points[:, 0] < land.areas["x_m"].to_numpy()[area]
    return pl.Series(np.where(is_west, west[area], east[area]))
