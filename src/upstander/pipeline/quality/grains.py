"""What each choice of grains tells apart in the rows of a dataset, as exact counts on their way to protection."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from upstander.analysis.measures.granularity import (
    area_certainty,
    hiding,
    journalist_risk,
    pairs_alike,
    pairs_alike_within,
)
from upstander.places import BY_POSTCODE, NoSuchLayer, NotNested, Reference
from upstander.values.agebands import AGE_BAND_EDGES, AGE_BANDS, BROAD_BANDS
from upstander.values.areas import split_layer
from upstander.values.grains import ETHNIC_GROUP, EVERY, WEEK, Grains

Counts = dict[tuple[str, ...], int]
_YEAR = timedelta(days=365)
_OLDEST = 10  # years that the open band, 90 and over, is taken to hold
_NOT_TOLD = ("", "unknown", "not_asked", "withheld")
_PARTS = {"sector": "sector", "district": "district", "area": "postcode area"}
_HELD_AS = {"unit": "sector", "year": "band", ETHNIC_GROUP: "ethnic", WEEK: "week"}
_WIDTHS = {
    band: high - low
    for band, low, high in zip(
        AGE_BANDS, AGE_BAND_EDGES, (*AGE_BAND_EDGES[1:], AGE_BAND_EDGES[-1] + _OLDEST), strict=True
    )
}


@dataclass(frozen=True)
class Around:
    """What reference data says of parts of postcodes. `shares`: (part, kind of area) -> place, area, share.

    postcodes: place (a sector), postcodes. residents: part -> place, age_band, residents; empty where not held, or
    where the place of a row is not the home of its person.
    """

    kinds: tuple[str, ...]
    shares: Mapping[tuple[str, str], pl.DataFrame]
    postcodes: pl.DataFrame
    residents: Mapping[str, pl.DataFrame]


def around(reference: Reference, layers: Sequence[str], *, is_home: bool) -> Around:
    """What is held about sectors, districts and postcode areas, in the first of `layers` that a directory tells."""
    base = next((layer for layer in layers if not reference.units_in(layer).is_empty()), "")
    if not base:
        return Around((), {}, pl.DataFrame(schema={"place": pl.String, "postcodes": pl.Int64}), {})
    raised = dict(_raised(reference, base))
    finest = {part: reference.areas_of_parts(name, layer=base) for part, name in _PARTS.items()}
    shares = {(part, kind): _in_parents(finest[part], up) for kind, up in raised.items() for part in _PARTS}
    residents = {part: reference.residents_of_parts(name, layer=base) for part, name in _PARTS.items()}
    has_people = is_home and not residents["sector"].is_empty()
    return Around(
        kinds=tuple(raised), shares=shares, residents=residents if has_people else {},
        postcodes=finest["sector"].group_by("place").agg(pl.col("postcodes").sum()),
    )  # fmt: skip


def counts_by_grains(rows: pl.DataFrame, known: Around, *, days: int) -> Counts:
    """(grains, what) -> count, over the last twelve months of the rows.

    rows: postcode_sector, age_band, sex, day and, where it may be read, ethnic_group. what: rows; told (rows that tell
    every field); groups, alone, below_5, below_10, smallest (never of finer grains than are held); pairs and pairs_near
    (rows that agree, and those at most `days` apart); outsider (rows that an outsider would name rightly); and for
    each kind of area known, right and wholly (rows), reach (areas, summed over rows).
    """
    ready = _ready(rows, known.postcodes)
    found: Counts = {}
    for grains in EVERY:
        if (grains.place == "unit" and known.postcodes.is_empty()) or not set(_keys(grains)) <= set(ready.columns):
            continue
        if ready.select(pl.col(key).is_null().all() for key in _keys(grains)).row(0).count(True):
            continue  # a field that no row tells: this choice is not there
        told = _of_people(ready, grains, days) | _of_areas(ready, grains, known) | _of_outsiders(ready, grains, known)
        found |= {(grains.code, what): round(count) for what, count in told.items()}
    return found


def _raised(reference: Reference, base: str) -> Iterator[tuple[str, pl.DataFrame | None]]:
    """Kind of area -> its parents table from the base layer, finest first; None for the base itself."""
    yield split_layer(base)[0], None
    for kind in ("msoa", "ward", "ltla"):
        for layer in sorted((one for one in reference.layers() if split_layer(one)[0] == kind), reverse=True):
            try:
                parents = reference.parents(base, layer)
            except (NoSuchLayer, NotNested):
                continue
            yield kind, parents
            break


def _in_parents(shares: pl.DataFrame, parents: pl.DataFrame | None) -> pl.DataFrame:
    if parents is None:
        return shares.select("place", "area", "share")
    joined = shares.join(parents, left_on="area", right_on="code")
    return joined.group_by("place", area="parent").agg(pl.col("share").sum())


def _ready(rows: pl.DataFrame, postcodes: pl.DataFrame) -> pl.DataFrame:
    """The last twelve months, each grain a column, null where not told, and how finely each row could be split."""
    named = rows.select(
        sector=_told("postcode_sector"), band=_told("age_band"), sex=_told("sex"), day=pl.col("day").cast(pl.Date),
        **({"ethnic": _told("ethnic_group")} if "ethnic_group" in rows.columns else {}),
    )  # fmt: skip
    newest = pl.col("day").max()
    year = named.filter((pl.col("day") > newest - _YEAR) | pl.col("day").is_null())
    usual = float(postcodes["postcodes"].cast(pl.Float64).median() or 1.0) if postcodes.height else 1.0  # type: ignore[arg-type] # polars types a median as any literal
    placed = year.join(postcodes, left_on="sector", right_on="place", how="left", maintain_order="left")
    return placed.with_columns(
        district=pl.col("sector").str.split(" ").list.first(),
        area=pl.col("sector").str.extract(r"^([A-Z]+)"),
        broad=pl.col("band").replace(BROAD_BANDS),
        week=pl.col("day").dt.truncate("1w").cast(pl.String),
        unit_split=pl.when(pl.col("sector").is_not_null()).then(pl.col("postcodes").fill_null(usual)).otherwise(1.0),
        year_split=pl.col("band").replace_strict(_WIDTHS, default=1.0, return_dtype=pl.Float64),
    )


def _told(name: str) -> pl.Expr:
    return pl.when(~pl.col(name).is_in(_NOT_TOLD)).then(pl.col(name))


def _keys(grains: Grains) -> list[str]:
    named = [grains.place, *([grains.age] if grains.age else []), *(["sex"] if grains.has_sex else []), *grains.more]
    return [_HELD_AS.get(name, name) for name in named]


def _split(grains: Grains) -> pl.Expr:
    by_place = pl.col("unit_split") if grains.place == "unit" else pl.lit(1.0)
    return by_place * (pl.col("year_split") if grains.age == "year" else pl.lit(1.0))


def _of_people(ready: pl.DataFrame, grains: Grains, days: int) -> dict[str, float]:
    keys = _keys(grains)
    cut = ready.select(*keys, "day", split=_split(grains))
    groups = cut.group_by(keys).agg(rows=pl.len(), split=pl.col("split").first())
    hidden = hiding(groups["rows"].to_numpy(), groups["split"].to_numpy())
    whole = groups.drop_nulls(keys)
    dated = cut.drop_nulls([*keys, "day"])
    number = dated.select(pl.struct(keys).rank("dense")).to_series().to_numpy()
    near = pairs_alike_within(number, dated["day"].cast(pl.Int32).to_numpy(), days, dated["split"].to_numpy())
    told = {
        "rows": hidden.rows, "told": int(whole["rows"].sum()), "groups": hidden.groups, "alone": hidden.alone,
        "below_5": hidden.below_5, "below_10": hidden.below_10, "pairs_near": near,
        "pairs": pairs_alike(whole["rows"].to_numpy(), whole["split"].to_numpy()),
    }  # fmt: skip
    return told if hidden.smallest is None else told | {"smallest": hidden.smallest}


def _of_areas(ready: pl.DataFrame, grains: Grains, known: Around) -> dict[str, float]:
    place = _HELD_AS.get(grains.place, grains.place)
    places = ready.drop_nulls(place).group_by(place=place).agg(rows=pl.len())
    found: dict[str, float] = {}
    for kind in known.kinds:
        sure = area_certainty(places, known.shares[place, kind])
        if grains.place == "unit":
            # A directory gives a whole postcode one area; how far that can be trusted is what `places` says of it.
            right, wholly, reach = BY_POSTCODE * sure.rows, sure.rows, sure.rows
        else:
            right, wholly, reach = sure.right, sure.wholly, sure.areas
        found |= {
            f"known {kind}": sure.rows, f"right {kind}": right, f"wholly {kind}": wholly, f"reach {kind}": reach,
        }  # fmt: skip
    return found


def _of_outsiders(ready: pl.DataFrame, grains: Grains, known: Around) -> dict[str, float]:
    """Rows of which an outsider who knows these fields would name the person rightly; residents halve by sex."""
    if not known.residents or not grains.age or grains.more:
        return {}
    keys, place = _keys(grains), _HELD_AS.get(grains.place, grains.place)
    age = _HELD_AS.get(grains.age, grains.age)
    groups = ready.drop_nulls(keys).group_by(keys).agg(rows=pl.len(), split=_split(grains).first())
    named = known.residents[place].with_columns(
        age=pl.col("age_band").replace(BROAD_BANDS) if age == "broad" else pl.col("age_band")
    )
    people = named.group_by("place", "age").agg(pl.col("residents").sum())
    met = groups.join(people, left_on=[place, age], right_on=["place", "age"])
    alike = met["residents"].to_numpy() / (2 if grains.has_sex else 1)
    risk, rows = journalist_risk(met["rows"].to_numpy(), alike, met["split"].to_numpy()), int(met["rows"].sum())
    return {"met": rows, "outsider": risk * rows}
