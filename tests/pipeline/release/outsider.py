"""An attacker written apart from the program: published files, public sums, scipy's solver; nothing of `disclosure`.

A leaf is the smallest group that published areas, ages and sexes tell apart, in one quarter as one set of readings has
it. Every published figure is a sum of leaves, each a whole number from zero.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from pipeline.release.county import Ground
from upstander.pipeline.desk import Desk
from upstander.pipeline.release import shelf
from upstander.values.periods import Period

KEY = ("measure", "period", "area", "age", "sex")
LEAF = ("measure", "quarter", "readings", "place", "age", "sex")
REST, NOWHERE, WHOLE, EVERYONE = ", not in an area told", "no area known", "all areas", ("all ages", "all")
AGES, SEXES = ("under 25", "25 and over", "age not known"), ("female", "male", "other or not known")
_SURE = 1e-6


def figures_of(desk: Desk, editions: Sequence[shelf.Edition], dataset: str) -> pl.DataFrame:
    """Every figure ever published of a dataset: release, KEY, value, status, and `why` it is hidden.

    All is read off the shelf but `why`, which is granted: the strongest attacker guesses it right.
    """
    told = []
    for edition in editions:
        files = sorted(edition.folder.glob(f"{dataset}_*.parquet"))
        rows = pl.concat([pl.read_parquet(path, glob=False).select(*KEY, "value", "status") for path in files])
        sealed = shelf.sealed_exact(desk, edition).filter(dataset=dataset).select(*KEY, "why")
        told.append(rows.unique(KEY).join(sealed, on=KEY, how="left").with_columns(release=pl.lit(edition.name)))
    return pl.concat(told).sort("release", *KEY)


def carelessly(desk: Desk, editions: Sequence[shelf.Edition], dataset: str, rule: tuple[int, int]) -> pl.DataFrame:
    """The same figures from somebody who hides small counts and rounds the rest, and takes no thought of the sums."""
    up_to, base = rule
    few, count = pl.col("count").is_between(1, up_to), pl.col("count")
    status = pl.when(few).then(pl.lit("suppressed")).when(count.is_null()).then(pl.lit("missing"))
    told = [
        shelf.sealed_exact(desk, edition).filter(pl.col("told"), dataset=dataset).select(
            *KEY,
            value=pl.when(~few).then((count + base // 2) // base * base).cast(pl.Float64),
            status=status.otherwise(pl.lit("shown")),
            why=pl.when(few).then(pl.lit("count")),
            release=pl.lit(edition.name),
        )
        for edition in editions
    ]  # fmt: skip
    return pl.concat(told).sort("release", *KEY)


def truths_of(desk: Desk, editions: Sequence[shelf.Edition], dataset: str) -> pl.DataFrame:
    """release, KEY, count: what is true, told or not."""
    return pl.concat([
        shelf.sealed_exact(desk, one).filter(dataset=dataset).select(pl.lit(one.name).alias("release"), *KEY, "count")
        for one in editions
    ])  # fmt: skip


def ranged(figures: pl.DataFrame, rule: tuple[int, int]) -> pl.DataFrame:
    """With `low` and `high`: what each figure can be by what is printed and by the rule (hidden up to, base)."""
    up_to, base = rule
    value, why, is_small = pl.col("value"), pl.col("why").fill_null(""), pl.col("why") == "count"
    low = (
        pl.when(value > 0).then(pl.max_horizontal(value - base // 2, pl.lit(up_to + 1.0)))
        .when(why == "others").then(up_to + 1.0).when(is_small).then(1.0).otherwise(0.0)
    )  # fmt: skip
    high = (
        pl.when(value > 0).then(value + (base - 1) // 2).when(value == 0).then(0.0)
        .when(is_small).then(float(up_to)).otherwise(np.inf)
    )  # fmt: skip
    return figures.with_columns(low=low, high=high)


def quarters_in(period: str) -> list[str]:
    """The quarters that a period is made of."""
    days = Period.parse(period)
    every = (f"{year}-Q{number}" for year in range(days.start.year, days.end.year + 1) for number in (1, 2, 3, 4))
    return [one for one in every if days.start <= Period.parse(one).start and Period.parse(one).end <= days.end]


def readings_of(edition: shelf.Edition, dataset: str, quarter: str) -> str:
    """Which readings a release counts a quarter from, by its manifest."""
    days = Period.parse(quarter)
    plan = edition.manifest["plan"]
    (source,) = [one for one in plan["sources"] if one["dataset"] == dataset]
    held = [one["reading"] for one in source["readings"]
            if one["start"] < f"{days.end}" and f"{days.start}" < one["end"]]  # fmt: skip
    return " ".join(sorted(held))


def places_of(ground: Ground) -> pl.DataFrame:
    """area, place: the smallest places that each published area is made of."""
    named = {"district": "ltla24", "ward": "ward24", "beat": "beat24"}
    each = ground.areas.select(pl.format(f"{kind}:{{}}", name).alias(name) for name, kind in named.items()).unique()
    atoms = each.with_columns(place=pl.format("{} and {}", "ward", "beat"))
    rest = each.select("district", place=pl.format("{}{}", "district", pl.lit(REST))).unique()
    nowhere = pl.DataFrame({"area": [NOWHERE], "place": [NOWHERE]})
    beside = pl.concat([rest.select("place"), nowhere.select("place")])
    known = [
        nowhere,
        beside.select(pl.lit(f"{WHOLE}{REST} beside").alias("area"), "place"),
        rest.select("place", area="place"),
        *(frame.select("place", area="district") for frame in (atoms, rest)),
        *(atoms.select("place", area=name) for name in ("ward", "beat")),
    ]  # fmt: skip
    parts = pl.concat([one.select("area", "place") for one in known])
    return pl.concat([parts, parts.select(pl.lit(WHOLE).alias("area"), "place").unique()])


def large_of(ground: Ground) -> pl.DataFrame:
    """area, place: the districts that an area told by age and sex is made of."""
    district = ground.areas.select(area=pl.format("ltla24:{}", "district")).unique()
    each = pl.concat([district, pl.DataFrame({"area": [NOWHERE]})]).with_columns(place="area")
    return pl.concat([each, each.with_columns(area=pl.lit(WHOLE))])


class Outsider:
    """All tables of one dataset that fit what is published, over all releases."""

    def __init__(self, figures: pl.DataFrame, ground: Ground, readings: Mapping[tuple[str, str], str]) -> None:
        """figures: as `ranged` gives them. readings: by release and quarter."""
        self.ground = ground
        self.readings = pl.DataFrame(
            [(*at, held) for at, held in readings.items()], ["release", "quarter", "readings"], orient="row"
        )
        told = figures.filter(pl.col("status") != "missing").with_row_index("figure")
        sums = self.leaves(told)
        self.index = sums.select(LEAF).unique().sort(LEAF).with_row_index("leaf")
        self.rows = self._matrix(sums, told.height)
        self.low, self.high = told["low"].to_numpy(), told["high"].to_numpy()
        links = self._persons_are_people()
        self.constraints = [LinearConstraint(self.rows, self.low, self.high), LinearConstraint(links, 0, 0)]
        self.solved = 0

    def leaves(self, figures: pl.DataFrame) -> pl.DataFrame:
        """figure (a number), then a leaf, for each leaf of each figure: small places for everyone, else persons."""
        periods = figures.select("period").unique().with_columns(
            quarter=pl.col("period").map_elements(quarters_in, pl.List(pl.String))
        ).explode("quarter")  # fmt: skip
        rows = figures.join(periods, on="period").join(self.readings, on=["release", "quarter"])
        is_everyone = (pl.col("age") == EVERYONE[0]) & (pl.col("sex") == EVERYONE[1])
        small = rows.filter(is_everyone).join(places_of(self.ground), on="area")
        persons = pl.DataFrame({"of_age": AGES}).join(pl.DataFrame({"of_sex": SEXES}), how="cross")
        large = rows.filter(~is_everyone).join(large_of(self.ground), on="area").join(persons, how="cross").filter(
            pl.col("age").is_in([EVERYONE[0]]) | (pl.col("age") == pl.col("of_age")),
            pl.col("sex").is_in([EVERYONE[1]]) | (pl.col("sex") == pl.col("of_sex")),
        ).with_columns(age="of_age", sex="of_sex")  # fmt: skip
        return pl.concat([small.select("figure", *LEAF), large.select("figure", *LEAF)])

    def _matrix(self, sums: pl.DataFrame, rows: int) -> csr_array:
        at = sums.join(self.index, on=LEAF)
        where = (at["figure"].to_numpy(), at["leaf"].to_numpy())
        return csr_array((np.ones(at.height), where), shape=(rows, self.index.height))

    def _persons_are_people(self) -> csr_array:
        """One row a district and quarter: its places hold as many as its ages and sexes, so that it is zero."""
        district = large_of(self.ground).filter(pl.col("area") != WHOLE)["area"].to_list()
        owner = places_of(self.ground).filter(pl.col("area").is_in(district)).rename({"area": "of"})
        is_small = (pl.col("age") == EVERYONE[0]) & (pl.col("sex") == EVERYONE[1])
        small = self.index.filter(is_small).join(owner, on="place")
        large = self.index.filter(~is_small).with_columns(of="place")
        both = pl.concat([
            small.select("leaf", "of", *LEAF[:3], sign=pl.lit(1.0)),
            large.select("leaf", "of", *LEAF[:3], sign=pl.lit(-1.0)),
        ])  # fmt: skip
        # A measure whose ages are never told has no persons to compare.
        both = both.filter(pl.col("sign").min().over("of", *LEAF[:3]) < 0)
        row = both.select(pl.struct("of", *LEAF[:3]).rank("dense") - 1).to_series().to_numpy().astype(np.int64)
        where = (row, both["leaf"].to_numpy())
        return csr_array((both["sign"].to_numpy(), where), shape=(len(np.unique(row)), self.index.height))

    def vector(self, *cells: Mapping[str, str]) -> np.ndarray:
        """Which leaves the first cell holds more than the others; a cell is release and KEY."""
        rows = pl.DataFrame(list(cells)).with_row_index("figure")
        each = self._matrix(self.leaves(rows), len(cells)).toarray()
        one: np.ndarray = each[0] - each[1:].sum(0)
        return one

    def bounds(self, target: np.ndarray, *, whole: bool = False) -> tuple[int | None, int | None]:
        """The least and the most whole number that a sum of leaves can be; None where there is no limit."""
        return self._end(target, 1, whole=whole), self._end(target, -1, whole=whole)

    def _end(self, target: np.ndarray, sign: int, *, whole: bool) -> int | None:
        self.solved += 1
        kinds = np.full(len(target), int(whole))
        found = milp(sign * target, integrality=kinds, bounds=Bounds(0, np.inf), constraints=self.constraints)
        if found.status == 3 or (found.status == 4 and found.x is None):  # unbounded; scipy says 4 where both may be
            return None
        assert found.status == 0, found.message
        return int(np.ceil(found.fun - _SURE)) if sign > 0 else int(np.floor(-found.fun + _SURE))


def values_left(low: int | None, high: int | None) -> float:
    """How many whole numbers are left between."""
    return np.inf if low is None or high is None else high - low + 1


def small_differences(figures: pl.DataFrame, outsider: Outsider, few: int) -> Iterator[tuple[str, int, int]]:
    """Pairs and triples of shown figures that differ by 1 to `few` people for sure: a sentence, least, most.

    Sets of leaves of one period and of one release, or of one area over its periods: one in another, two in one, one in
    two; and the same figure of two releases. figures: as `ranged` gives them.
    """
    shown = figures.filter(pl.col("status") == "shown").with_row_index("figure")
    at = outsider.leaves(shown).join(outsider.index, on=LEAF).select("figure", "leaf")
    masks = {key[0]: sum(1 << leaf for leaf in part["leaf"]) for key, part in at.group_by("figure")}
    for names in (("release", "measure", "period"), ("release", "measure", "area", "age", "sex")):
        for _, group in shown.group_by(names, maintain_order=True):
            yield from _in_group(group, masks, few)
    for _, group in shown.group_by(KEY, maintain_order=True):
        for older, newer in combinations(group.unique(["low", "high", "release"]).rows(named=True), 2):
            low, high = newer["low"] - older["high"], newer["high"] - older["low"]
            if masks[older["figure"]] != masks[newer["figure"]] and (
                1 <= low <= high <= few or -few <= low <= high <= -1
            ):
                yield f"{_said(newer)} less {_said(older)}", int(low), int(high)


def _in_group(group: pl.DataFrame, masks: Mapping[int, int], few: int) -> Iterator[tuple[str, int, int]]:
    rows = [one for one in group.rows(named=True) if one["high"] > 0]
    sets = [masks[one["figure"]] for one in rows]
    for big, whole in enumerate(sets):
        inside = [at for at, part in enumerate(sets) if part & whole == part and part != whole]
        for pair in [*((at,) for at in inside), *combinations(inside, 2)]:
            if len(pair) == 2 and sets[pair[0]] & sets[pair[1]]:
                continue
            low = rows[big]["low"] - sum(rows[at]["high"] for at in pair)
            high = rows[big]["high"] - sum(rows[at]["low"] for at in pair)
            if 1 <= low <= high <= few:
                yield f"{_said(rows[big])} less {' and '.join(_said(rows[at]) for at in pair)}", int(low), int(high)
    for one, other in combinations(range(len(sets)), 2):
        if sets[one] & sets[other]:
            continue
        both = sets[one] | sets[other]
        for part, inner in enumerate(sets):
            if inner & both == inner and inner & sets[one] and inner & sets[other] and inner != both:
                low = rows[one]["low"] + rows[other]["low"] - rows[part]["high"]
                high = rows[one]["high"] + rows[other]["high"] - rows[part]["low"]
                if 1 <= low <= high <= few:
                    yield f"{_said(rows[one])} and {_said(rows[other])} less {_said(rows[part])}", int(low), int(high)


def _said(row: Mapping[str, object]) -> str:
    return ", ".join(str(row[name]) for name in ("release", *KEY))
