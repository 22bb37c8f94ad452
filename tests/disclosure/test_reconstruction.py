"""Somebody rebuilds the records behind a publication and guesses what one person is, from one outside fact.

The fact: that somebody was hurt in a certain village in a certain quarter. The guess: that person's age and sex. What
counts is how much more often it is right for people in the data than for others drawn alike who are not in it, of whom
the publication can tell nothing: Giomi et al., A unified framework for quantifying privacy risk in synthetic data
(PoPETs 2023), attack against control. Each rebuilt set of records is a whole-number answer to all published sums.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from upstander.contracts.asking import CountRule
from upstander.disclosure import Cube, Publication, protect_cube

RULES = (CountRule("under five", "DSA-1", 4, 1), CountRule("hospital", "DSA-2", 7, 5))
WARDS, QUARTERS = 6, 4
USUAL = np.array([1.0, 1.0, 1.0, 1.0, 300.0, 400.0])  # four villages, two towns
AGES, SEXES = ("under 25", "25 and over"), ("female", "male")
SHARES = np.array([[0.14, 0.26], [0.22, 0.38]])  # of ages by sexes
ALL = "all"
DIMENSIONS = ("area", "quarter", "age", "sex")
SEED = 20260802


@dataclass(frozen=True)
class Place:
    """counts: records by ward, quarter, age and sex."""

    counts: np.ndarray

    @classmethod
    def drawn(cls, draw: np.random.Generator) -> "Place":
        """People of all ages and sexes are hurt alike everywhere."""
        usual = USUAL[:, None, None, None] * SHARES
        return cls(draw.poisson(np.broadcast_to(usual, (WARDS, QUARTERS, 2, 2))))

    @cached_property
    def victims(self) -> np.ndarray:
        """ward, quarter of each village and quarter where one single person was hurt."""
        return np.argwhere(self.counts[:4].sum((2, 3)) == 1)

    def cells(self, *, crossed: bool) -> pl.DataFrame:
        """Wards by quarter, and the whole by quarter, age and sex, with all sums; crossed: wards by all of it."""
        rows = []
        for area, quarter, age, sex in np.ndindex(WARDS + 1, QUARTERS + 1, 3, 3):
            if crossed or area == WARDS or (age, sex) == (2, 2):
                where = tuple(slice(None) if at == size else at for at, size in zip(
                    (area, quarter, age, sex), self.counts.shape, strict=True))  # fmt: skip
                rows.append((*_named(area, quarter, age, sex), int(self.counts[where].sum())))
        return pl.DataFrame(rows, [*DIMENSIONS, "count"], orient="row")


def _named(area: int, quarter: int, age: int, sex: int) -> tuple[str, ...]:
    return (
        f"ward{area}" if area < WARDS else ALL, f"q{quarter}" if quarter < QUARTERS else ALL,
        (*AGES, ALL)[age], (*SEXES, ALL)[sex],
    )  # fmt: skip


def published(place: Place, rule: CountRule) -> Publication:
    """The place as it is released."""
    parts = {
        "area": [f"ward{one}" for one in range(WARDS)], "quarter": [f"q{one}" for one in range(QUARTERS)],
        "age": list(AGES), "sex": list(SEXES),
    }  # fmt: skip
    trees = {name: pl.DataFrame({"parent": [ALL] * len(those), "child": those}) for name, those in parts.items()}
    return protect_cube(Cube(DIMENSIONS, place.cells(crossed=False), trees), rule)


def openly(place: Place, rule: CountRule) -> pl.DataFrame:
    """Wards by quarter, age and sex as nobody may publish them, so that it shows that the attacker can find."""
    return place.cells(crossed=True).with_columns(value=pl.col("count").cast(pl.Float64), status=pl.lit("shown"))


def rebuilt(cells: pl.DataFrame, rule: CountRule, draw: np.random.Generator, times: int) -> np.ndarray:
    """So many sets of records that fit all that is shown: each as extreme as can be in a direction drawn at random."""
    size = WARDS * QUARTERS * 4
    shape, rows, low, high = (WARDS, QUARTERS, 2, 2), [], [], []
    names = {ALL: slice(None)} | {f"ward{n}": n for n in range(WARDS)} | {f"q{n}": n for n in range(QUARTERS)}
    names |= {one: at for those in (AGES, SEXES) for at, one in enumerate(those)}
    for *cell, value, status in cells.select(*DIMENSIONS, "value", "status").rows():
        held = np.zeros(shape)
        held[tuple(names[one] for one in cell)] = 1
        rows.append(held.ravel())
        below, above = rule.round_to // 2, (rule.round_to - 1) // 2
        is_shown = status == "shown"
        low.append(max(value - below, rule.width + 1) if is_shown and value and below else value if is_shown else 1)
        high.append(value + above if is_shown and value else 0 if is_shown else np.inf)
    sums = LinearConstraint(np.array(rows), low, high)
    found = [
        milp(draw.normal(size=size), integrality=np.ones(size), bounds=Bounds(0, 2_000), constraints=sums,
             options={"mip_rel_gap": 0.2}).x
        for _ in range(times)
    ]  # fmt: skip
    return np.round(np.array(found)).reshape(times, *shape)


def gained(tables: str, rule: CountRule, populations: int, times: int = 8) -> tuple[float, float, int]:
    """How often the guess is right for people in the data, how often for others, and of how many people."""
    right, control = [], []
    for number in range(populations):
        draw = np.random.default_rng([SEED, number])
        place = Place.drawn(draw)
        cells = published(place, rule).cells if tables == "released" else openly(place, rule)
        worlds = rebuilt(cells, rule, draw, times)
        for ward, quarter in place.victims:
            told = worlds[:, ward, quarter].sum(0)  # how often each age and sex stands there
            weight = told / max(told.sum(), 1) + 1e-6 * SHARES  # where nothing is told, what is usual
            guess = np.unravel_index(weight.argmax(), weight.shape)
            right.append(place.counts[(ward, quarter, *guess)] == 1)
            control.append(SHARES[guess])
    return float(np.mean(right)), float(np.mean(control)), len(right)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_publication_is_rebuilt_by_records_that_fit_every_figure_of_it(rule: CountRule) -> None:
    draw = np.random.default_rng(SEED)
    place = Place.drawn(draw)
    cells = published(place, rule).cells
    for world in rebuilt(cells, rule, draw, 3):
        again = Place(world.astype(int)).cells(crossed=False).join(cells, on=DIMENSIONS)
        shown = again.filter(status="shown")
        rounded = (shown["count"] + rule.round_to // 2) // rule.round_to * rule.round_to
        assert rounded.cast(pl.Float64).to_list() == shown["value"].to_list()


def test_the_attacker_is_right_about_everybody_where_wards_are_crossed_with_ages_in_the_open() -> None:
    assert gained("open", RULES[0], 5, times=2)[0] == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_nobody_in_the_data_is_guessed_much_better_than_somebody_who_is_not(rule: CountRule) -> None:
    right, control, people = gained("released", rule, 8)
    assert people > 20
    assert right - control < 4 * (control * (1 - control) / people) ** 0.5


@pytest.mark.prove
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_over_a_thousand_populations_the_guess_gains_less_than_one_in_a_hundred(rule: CountRule, proof) -> None:
    right, control, people = gained("released", rule, 500)  # of each of the two rules
    figure = f"{right - control:+.2%} ({right:.1%} against {control:.1%}, {people:,} people)"
    proof(f"reconstruction: gain over guessing, {rule.name}", figure=figure, goal="< 1%", seed=SEED)
    print(f"\nreconstruction, {rule.name}: {figure}")
    assert right - control < 0.01
