"""What reception, triage and dispatch type about a place, with the truth beside it: class, level, and what was meant.

The mess is that of real fields: abbreviations, slips of the keys, "o/s", "jct", chains without a town, "town", homes,
wards, cells, holidays, times that look like postcodes, people's names, nothing.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from upstander.synthetic.chance import Claims, Indices, Numbers, pick, stream, words
from upstander.synthetic.gazetteer import LocalNames, register_id
from upstander.synthetic.names import FEMALE_FORENAMES, MALE_FORENAMES, SURNAMES, TOWNS

# Level of the truth -> (place_class, templates with the parts of a row in braces). Levels without a place have no id.
_TEMPLATES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "venue": (
        "licensed",
        (
            "{name}",
            "{name}",
            "in {name}",
            "{name} pub",
            "{name} {street}",
            "{name} on {street}",
            "{name} {town}",
            "{name}, {town}",
            "o/s {name}",
            "outside {name} {street}",
            "nr {name}",
            "smoking area {name}",
            "{name} with {person}",
            "10 past 5 {name}",
            "{name} 23:30",
            "pt states in {name}",
            "toilets {name} {town}",
            "{name} bar",
            "o/s {name} by {person}",
        ),
    ),
    "takeaway": (
        "public",
        (
            "{name}",
            "{name} {street}",
            "{name} {town}",
            "o/s {name}",
            "in {name} takeaway",
            "queue at {name} {town}",
        ),
    ),
    "street": (
        "public",
        (
            "{street}",
            "{street}",
            "{street} {town}",
            "on {street}",
            "walking down {street}",
            "o/s shop on {street}",
            "{street}, {town}",
            "alleyway off {street}",
            "bus stop {street}",
            "{street} with {person}",
        ),
    ),
    "crossing": (
        "public",
        (
            "jct {street} {other}",
            "{street} jct {other}",
            "cnr of {street} and {other}",
            "{street}/{other}",
            "junction of {street} & {other} {town}",
        ),
    ),
    "school": ("school", ("{name}", "at {name}", "o/s {name}", "{name} playground", "{name} {town}", "school {name}")),
    "park": ("public", ("{name}", "in {name}", "{name} {town}", "{name} by the swings", "thru {name}")),
    "station": ("public", ("{name}", "platform {name}", "o/s {name}", "{town} train station", "{town} stn")),
    "hospital": ("hospital", ("{name}", "ward 7 {name}", "{name} a&e", "waiting room {name}")),
    "town": (
        "public",
        (
            "{town} town centre",
            "{town}",
            "{town} town ctr",
            "in {town}",
            "{town} tc",
            "street in {town}",
            "out in {town}",
        ),
    ),
    "bare town": ("public", ("town", "town centre", "in town", "town ctr", "city centre")),
    "home": (
        "home",
        (
            "pts home",
            "home",
            "home address",
            "h/a",
            "pt's own home",
            "at home with partner",
            "own flat",
            "friends house",
            "at ex partners, {person}",
            "house party",
            "pts home {person}",
            "back garden at home",
            "dv at home address",
            "{person}s house",
            "in kitchen at home",
            "relatives house",
        ),
    ),
    "home in street": ("home", ("home, {number} {street}", "pts home {street}", "own flat {street} {town}")),
    "custody": ("custody", ("police custody", "custody suite", "in cells", "police station cell", "hmp", "police van")),
    "ward": (
        "hospital",
        ("ward 12", "on ward", "a&e waiting room", "mental health unit", "back of ambulance", "triage"),
    ),
    "abroad": (
        "abroad",
        ("in magaluf", "spain", "on holiday in turkey", "abroad", "ibiza nightclub", "benidorm hotel"),
    ),
    "unknown": (
        "unknown",
        (
            "u/k",
            "n/k",
            "unknwon",
            "not disclosed",
            "cant remember",
            "??",
            "",
            "unknown",
            "n/a",
            "pt unsure where",
            "-",
            "refused to say",
            "does not recall",
            "unable to say location",
            "not known",
        ),
    ),
    "unit": ("", ("{postcode}", "{street} {postcode}", "nr {postcode}", "{postcode} by {person}")),
    "sector": ("", ("{sector}", "{sector} area")),
    "nickname": ("", ("the ponderosa", "monkey steps", "behind the tin shed", "the rezzy", "duckies")),
}
_NOWHERE = ("home", "custody", "ward", "abroad", "unknown", "nickname")
_SHARES = {
    "venue": 0.24,
    "takeaway": 0.05,
    "street": 0.15,
    "crossing": 0.04,
    "school": 0.03,
    "park": 0.03,
    "station": 0.02,
    "hospital": 0.015,
    "town": 0.07,
    "bare town": 0.03,
    "home": 0.14,
    "home in street": 0.02,
    "custody": 0.015,
    "ward": 0.02,
    "abroad": 0.015,
    "unknown": 0.08,
    "unit": 0.02,
    "sector": 0.01,
    "nickname": 0.005,
}
# What a text names where an act was done, by the setting.
_BY_SETTING: Mapping[str, Mapping[str, float]] = {
    "licensed": {"venue": 0.74, "street": 0.09, "bare town": 0.07, "unknown": 0.1},
    "street": {"street": 0.44, "crossing": 0.12, "venue": 0.12, "takeaway": 0.08, "town": 0.09, "unknown": 0.15},
    "open_space": {"park": 0.7, "street": 0.15, "unknown": 0.15},
    "transport": {"station": 0.35, "street": 0.45, "unknown": 0.2},
    "school": {"school": 0.8, "unknown": 0.2}, "home": {"home": 0.8, "home in street": 0.12, "unknown": 0.08},
    "work": {"takeaway": 0.35, "street": 0.4, "unknown": 0.25}, "hospital": {"ward": 0.6, "hospital": 0.4},
    "custody": {"custody": 1.0},
}  # fmt: skip
_SHORT = (
    (r"\bRoad\b", "Rd"), (r"\bStreet\b", "St"), (r"\bAvenue\b", "Ave"), (r"\bLane\b", "Ln"), (r"\bClose\b", "Cl"),
    (r"\bDrive\b", "Dr"), (r"\bCrescent\b", "Cres"), (r"\bTerrace\b", "Terr"), (r"\bGardens\b", "Gdns"),
    (r"\bPlace\b", "Pl"), (r"\bCourt\b", "Ct"), (r"\bStation\b", "Stn"), (r"\bGeneral Hospital\b", "Gen Hosp"),
)  # fmt: skip
_SLIP_SHARE, _SHORT_SHARE, _BARE_NAME_SHARE = 0.16, 0.6, 0.75
_NEAR_KM, _FAR_SHARE = 7.0, 0.03


def labelled_texts(local: LocalNames, postcodes: pl.DataFrame, *, size: int, seed: int) -> pl.DataFrame:
    """`size` texts of all kinds with their truth, as they might come to an emergency department or a dispatcher.

    postcodes: postcode, x, y. Gives source (ed, ambulance), site (empty for ambulance), text, and the truth:
    place_class, level, id (empty for no place), other_id (of a crossing's second street), x_min, y_min, x_max, y_max,
    town.
    """
    rng = stream(seed, "labelled texts")
    levels = tuple(_SHARES)
    level = words(levels, pick(rng, np.array([*_SHARES.values()]), size))
    is_ed = rng.random(size) < 0.65
    sites = local.sites
    at_site = np.where(rng.random(size) < 0.8, 0, 1)
    near = sites.select("x", "y").to_numpy()[at_site]
    meant = _drawn(level, near, local, postcodes, rng)
    told = meant.with_columns(
        pl.Series("source", np.where(is_ed, "ed", "ambulance")),
        pl.Series("site", np.where(is_ed, sites["code"].to_numpy()[at_site], "")),
    ).with_columns(level=pl.when((pl.col("level") == "bare town") & (pl.col("site") == "")).then(pl.lit("town"))
                   .otherwise("level"))  # fmt: skip
    return _written(told, rng)


def texts_of_acts(
    acts: pl.DataFrame, local: LocalNames, postcodes: pl.DataFrame, *, seed: int, agency: str
) -> pl.DataFrame:
    """A text for each row about an act, in order, with its truth: what stands nearest to where it was done is named.

    acts: setting, x_m, y_m.
    """
    rng = stream(seed, f"texts of {agency}")
    level = pl.Series("level", [""]).new_from_index(0, acts.height)
    for setting, shares in _BY_SETTING.items():
        here = np.flatnonzero((acts["setting"] == setting).to_numpy())
        level = level.scatter(here, words(tuple(shares), pick(rng, np.array([*shares.values()]), len(here))))
    meant = _nearest(level, acts.select("x_m", "y_m").to_numpy(), local, postcodes, rng)
    return _written(meant, rng)


def _drawn(
    level: pl.Series, near: Numbers, local: LocalNames, postcodes: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """A random place of each row's level, mostly near to its site."""
    parts = []
    for name in _TEMPLATES:
        here = np.flatnonzero((level == name).to_numpy())
        pool = _pool(name, local, postcodes)
        chosen = _by_distance(near[here], pool, rng) if pool.height else np.zeros(len(here), dtype=np.int64)
        parts.append(_taken(name, here, pool, chosen))
    return _completed(pl.concat(parts, how="diagonal").sort("at").drop("at"), local, postcodes)


def _nearest(
    level: pl.Series, points: Numbers, local: LocalNames, postcodes: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """The place of each row's level that lies nearest, or the one after it."""
    parts = []
    for name in _TEMPLATES:
        here = np.flatnonzero((level == name).to_numpy())
        pool = _pool(name, local, postcodes)
        chosen = np.zeros(len(here), dtype=np.int64)
        if pool.height and len(here):
            _, found = cKDTree(pool.select("x", "y").to_numpy()).query(points[here], k=min(2, pool.height))
            second = rng.random(len(here)) < 0.15
            chosen = np.where(second, *np.atleast_2d(found.T)[[-1, 0]]) if found.ndim > 1 else found
        parts.append(_taken(name, here, pool, chosen))
    return _completed(pl.concat(parts, how="diagonal").sort("at").drop("at"), local, postcodes)


def _pool(level: str, local: LocalNames, postcodes: pl.DataFrame) -> pl.DataFrame:
    """What a level may mean: register_id, name, town, postcode and the box."""
    if level in _NOWHERE:
        return local.places.clear().with_columns(register_id=pl.lit("")).clear()
    if level in {"unit", "sector"}:
        boxes = {f"{axis}_{end}": pl.col(axis) for axis in ("x", "y") for end in ("min", "max")}
        return postcodes.select("x", "y", "postcode", register_id="postcode", name="postcode", **boxes)
    sort = {"crossing": "street", "home in street": "street", "bare town": "town"}.get(level, level)
    pool = local.of(sort)
    if level == "bare town":
        pool = pool.head(2)  # the towns that the county's sites lie in
    return pool.with_columns(register_id=register_id(pool))


def _by_distance(near: Numbers, pool: pl.DataFrame, rng: np.random.Generator) -> Indices:
    """A place of the pool for each point: nearer ones more often."""
    points = pool.select("x", "y").to_numpy()
    chosen = np.zeros(len(near), dtype=np.int64)
    for point in np.unique(near, axis=0):
        here = np.flatnonzero((near == point).all(axis=1))
        apart = np.linalg.norm(points - point, axis=1) / 1000
        chosen[here] = pick(rng, np.exp(-apart / _NEAR_KM) + _FAR_SHARE, len(here))
    return chosen


def _taken(level: str, at: Indices, pool: pl.DataFrame, chosen: Indices) -> pl.DataFrame:
    rows = pl.DataFrame({"at": at, "level": pl.repeat(level, len(at), eager=True)})
    if pool.is_empty():
        return rows
    kept = ("register_id", "name", "formerly", "town", "postcode", "x", "y", "x_min", "y_min", "x_max", "y_max")
    return rows.hstack(pool[chosen].select([name for name in kept if name in pool.columns]))


def _completed(meant: pl.DataFrame, local: LocalNames, postcodes: pl.DataFrame) -> pl.DataFrame:
    """With the streets beside each place and its postcode: what else a text may say of it."""
    streets = local.of("street")
    tree = cKDTree(streets.select("x", "y").to_numpy())
    points = meant.select(pl.col("x", "y").fill_null(streets["x"][0])).to_numpy()
    _, near = tree.query(points, k=3)
    first, second = near.T[0], near.T[1]
    _, unit = cKDTree(postcodes.select("x", "y").to_numpy()).query(points)
    units = postcodes["postcode"].gather(unit)
    # A crossing is between a street and the nearest one of another name.
    is_street = pl.col("level").is_in(["street", "crossing", "home in street"])
    own = streets["name"].gather(first)
    return meant.with_columns(
        street=pl.when(is_street).then("name").otherwise(own),
        other=streets["name"].gather(second),
        other_id=pl.when(pl.col("level") == "crossing").then(streets["id"].gather(second)).otherwise(pl.lit("")),
        town=pl.coalesce("town", streets["town"].gather(first)),
        unit=pl.coalesce(pl.col("postcode").replace("", None), units),
    ).with_columns(sector=pl.col("unit").str.head(-2))


def _written(meant: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The rows with `text`, and with the columns that `labelled_texts` names."""
    size = meant.height
    classes = {level: place_class for level, (place_class, _) in _TEMPLATES.items()}
    forename = words((*FEMALE_FORENAMES, *MALE_FORENAMES), rng.integers(0, 40, size))
    surname = words(SURNAMES, rng.integers(0, len(SURNAMES), size))
    has_old_name = pl.Series(rng.random(size) < 0.5) & (meant["formerly"].fill_null("") != "")
    called = pl.select(pl.when(has_old_name).then(meant["formerly"]).otherwise(meant["name"])).to_series().fill_null("")
    parts = {
        "name": _called(called, rng), "street": meant["street"], "other": meant["other"], "town": meant["town"],
        "person": forename + " " + surname, "postcode": meant["unit"], "sector": meant["sector"],
        "number": pl.Series(rng.integers(1, 180, size)).cast(pl.String),
    }  # fmt: skip
    text = _filled(_templates(meant["level"], rng), parts)
    is_outside = text.str.contains(r"^(?:o/s|outside|nr) ")
    return meant.with_columns(
        text=_messy(text, rng), id=pl.col("register_id").fill_null(""),
        place_class=pl.when(pl.Series(is_outside) & pl.col("level").is_in(["venue", "school"])).then(pl.lit("public"))
        .otherwise(pl.col("level").replace_strict(classes)),
    ).drop("register_id", "name", "formerly", "unit", "postcode", "street", "other", "sector")  # fmt: skip


def _templates(level: pl.Series, rng: np.random.Generator) -> pl.Series:
    every = [template for _, templates in _TEMPLATES.values() for template in templates]
    sizes = np.array([len(templates) for _, templates in _TEMPLATES.values()])
    start = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    number = level.replace_strict([*_TEMPLATES], range(len(_TEMPLATES)), return_dtype=pl.Int64).to_numpy()
    return words(every, start[number] + (rng.random(len(level)) * sizes[number]).astype(np.int64))


def _filled(templates: pl.Series, parts: Mapping[str, pl.Series]) -> pl.Series:
    """Each template with the parts of its row in the place of their names."""
    table = pl.DataFrame({"template": templates, **parts})
    text = pl.col("template")
    for name in parts:
        text = text.str.replace_all(f"{{{name}}}", pl.col(name).fill_null(""), literal=True)
    return table.select(text).to_series()


def _called(names: pl.Series, rng: np.random.Generator) -> pl.Series:
    """The name without its article or its kind, as most people say it."""
    is_bare = pl.Series(rng.random(len(names)) < _BARE_NAME_SHARE)
    plain = names.str.replace(r"^The ", "").str.replace(r" (?:Inn|Tavern|Arms|Hotel|Social Club)$", "")
    return pl.select(pl.when(is_bare).then(plain).otherwise(names)).to_series()


def _messy(texts: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Shortened, in the case of whoever typed, and with a slip of the keys here and there."""
    short = texts
    for pattern, put in _SHORT:
        here = _struck(rng, len(texts), _SHORT_SHARE)
        short = pl.select(pl.when(here).then(short.str.replace_all(pattern, put)).otherwise(short)).to_series()
    how = pick(rng, np.array([0.72, 0.1, 0.18]), len(texts))
    cased = pl.select(
        pl.when(pl.Series(how == 0))
        .then(short.str.to_lowercase())
        .when(pl.Series(how == 1))
        .then(short.str.to_uppercase())
        .otherwise(short)
    ).to_series()
    return _slipped(cased, rng)


def _struck(rng: np.random.Generator, size: int, rate: float) -> pl.Series:
    claims: Claims = np.asarray(rng.random(size) < rate)
    return pl.Series(claims)


def _slipped(texts: pl.Series, rng: np.random.Generator) -> pl.Series:
    """One letter lost, doubled, or swapped with its neighbour, in some of the texts that have letters to spare."""
    letters = texts.str.len_chars()
    is_slip = _struck(rng, len(texts), _SLIP_SHARE) & (letters > 8)
    at = pl.Series((rng.random(len(texts)) * (letters - 3).clip(1).to_numpy()).astype(np.int64) + 1)
    kind = pl.Series(rng.integers(0, 3, len(texts)))
    table = pl.DataFrame({"text": texts, "at": at, "kind": kind, "is_slip": is_slip})
    before, text = pl.col("text").str.slice(0, pl.col("at")), pl.col("text")
    one, two = text.str.slice(pl.col("at"), 1), text.str.slice(pl.col("at") + 1, 1)
    rest = text.str.slice(pl.col("at") + 2)
    spoilt = (
        pl.when(pl.col("kind") == 0).then(before + two + rest)
        .when(pl.col("kind") == 1).then(before + one + one + two + rest)
        .otherwise(before + two + one + rest)
    )  # fmt: skip
    return table.select(pl.when("is_slip").then(spoilt).otherwise(text)).to_series()


def site_towns(sites: Sequence[str]) -> dict[str, str]:
    """The town of each treating site, which "town" means there."""
    return dict(zip(sites, (town.name for town in TOWNS[: len(sites)]), strict=True))
