"""Which records are of one event: the join, the assignment, what chance matches, and links whose truth is known."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.larger import larger_inputs
from shared_data import SHARED, needs_shared
from upstander.analysis import methods
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.overlap import linkage, proximity
from upstander.analysis.overlap.assigning import best_pairs, most_pairs
from upstander.analysis.overlap.bands import Attributes, share_limits, unknown_band
from upstander.analysis.overlap.excess import Rule, matched_excess, real_links
from upstander.analysis.overlap.linkage import link
from upstander.analysis.overlap.pairs import DAY_S, Grid, Points
from upstander.analysis.overlap.proximity import Compared, linked
from upstander.analysis.overlap.totals import Shared, total_across_agencies
from upstander.errors import WrongUsage

PLACES = st.integers(-3, 3).map(lambda step: step * 50.0)
RECORDS = st.lists(st.tuples(st.integers(0, 400), PLACES, PLACES), min_size=1, max_size=25)


def points(records: list[tuple[int, float, float]]) -> Points:
    return Points.of(*(np.array(column) for column in zip(*records, strict=True)))


def acts(rng: np.random.Generator, size: int, days: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times and places of a town with a busy centre and busy weekends."""
    chance = np.where(np.arange(days) % 7 >= 5, 3.0, 1.0)
    day = rng.choice(days, size, p=chance / chance.sum())
    x, y = rng.normal(0, 3000, (2, size)) * np.where(rng.random(size) < 0.4, 0.1, 1)
    return day * DAY_S + rng.normal(22 * 3600, 5400, size).astype(int), x, y


def world(seed: int, *, events: int = 1200, days: int = 140, both: float = 0.5) -> tuple[Points, Points, np.ndarray]:
    """Two sources: the second knows a share of the first's acts, a little later, and a third as many of its own."""
    rng = np.random.default_rng(seed)
    at, x, y = acts(rng, events, days)
    known = rng.random(events) < both
    late = rng.exponential(900, events).astype(int)
    own = acts(rng, events // 3, days)
    second = (np.concatenate([one[known], other]) for one, other in zip((at + late, x, y), own, strict=True))
    return Points.of(at, x, y), Points.of(*second), known


@given(RECORDS, RECORDS, st.integers(-100, 50), st.integers(0, 150), st.sampled_from([10.0, 50.0, 70.0, 100.0, 300.0]))
def test_the_join_finds_the_pairs_that_comparing_all_finds(ours, theirs, start, length, radius):
    first, second = points(ours), points(theirs)
    near = Grid(second, radius, start, start + length).near(first)
    found = sorted(zip(near.first.tolist(), near.second.tolist(), strict=True))
    assert found == [
        (i, j)
        for i, (t, x, y) in enumerate(ours) for j, (u, v, w) in enumerate(theirs)
        if start <= u - t <= start + length and np.hypot(x - v, y - w) <= radius
    ]  # fmt: skip


@given(RECORDS, RECORDS, st.integers(-200, 200))
def test_moving_a_source_is_joining_it_moved(ours, theirs, shift):
    first, second = points(ours), points(theirs)
    moved = Points(second.at_s + shift, second.x_m, second.y_m)
    one, other = Grid(second, 70, -60, 60).near(first, shift_s=shift), Grid(moved, 70, -60, 60).near(first)
    assert sorted(zip(one.first, one.second, one.later_s, strict=True)) == sorted(
        zip(other.first, other.second, other.later_s, strict=True)
    )


def test_many_blocks_of_records_are_joined_as_a_tree_of_places_joins_them():
    from scipy.spatial import cKDTree

    rng = np.random.default_rng(3)
    first, second = (
        Points.of(rng.integers(0, 9 * DAY_S, size), *rng.normal(0, 4000, (2, size))) for size in (100_000, 5_000)
    )
    assert first.size > 4 * 2**14  # more than are joined without threads
    near = Grid(second, 150.0, -600, 7200).near(first)
    trees = [cKDTree(np.column_stack([each.x_m, each.y_m])) for each in (first, second)]
    found = trees[0].sparse_distance_matrix(trees[1], 150.0, output_type="ndarray")
    later = second.at_s[found["j"]] - first.at_s[found["i"]]
    found, later = found[(later >= -600) & (later <= 7200)], later[(later >= -600) & (later <= 7200)]
    mine, theirs = np.lexsort((near.second, near.first)), np.lexsort((found["j"], found["i"]))
    assert near.first.size > 1000
    assert (near.first[mine] == found["i"][theirs]).all()
    assert (near.second[mine] == found["j"][theirs]).all()
    assert np.allclose(near.apart_m[mine], found["v"][theirs], rtol=1e-12)
    assert (near.later_s[mine] == later[theirs]).all()


@pytest.mark.parametrize("away", [50.0, 2.1e7, -2.1e7])
def test_records_at_the_end_of_the_world_are_joined_in_no_more_room(away):
    first = Points.of([0, 60, 10**9], [1.0, away + 3, 5.0], [1.0, away, 5.0])
    second = Points.of([30, 61, 2 * 10**9], [2.0, away + 4, 5.0], [1.0, away, 5.0])
    grid = Grid(second, 1.5, -60, 60)
    near = grid.near(first)
    assert sorted(zip(near.first.tolist(), near.second.tolist(), strict=True)) == [(0, 0), (1, 1)]
    assert grid._slots.number.size < 200


PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=16, unique=True)


@given(PAIRS, st.lists(st.integers(1, 9), min_size=16, max_size=16))
def test_assignments_are_the_best_that_trying_all_finds(pairs, weights):
    from scipy.optimize import linear_sum_assignment

    first, second = (np.array(column) for column in zip(*pairs, strict=True))
    weight = np.array(weights[: first.size], dtype=float)
    table = np.zeros((6, 6))
    table[first, second] = weight
    best = table[linear_sum_assignment(table, maximize=True)].sum()
    most = (table > 0)[linear_sum_assignment(table > 0, maximize=True)].sum()
    taken, many = best_pairs(first, second, weight, (6, 6)), most_pairs(first, second, (6, 6))
    for chosen in (taken, many):
        assert np.unique(first[chosen]).size == np.unique(second[chosen]).size == chosen.size
    assert weight[taken].sum() == best
    assert many.size == most


def test_a_town_whose_sources_share_nothing_has_no_excess():
    found = [matched_excess(*world(seed, both=0.0)[:2], Rule(), replicates=300) for seed in range(12)]
    assert sum(each.low <= 0 <= each.high for each in found) >= 10
    assert all(each.chance > 10 for each in found)
    assert abs(np.mean([each.known_share for each in found])) < 0.01


def test_planted_links_are_counted_though_the_centre_is_busy():
    for seed in range(6):
        first, second, known = world(seed)
        found = matched_excess(first, second, Rule(), replicates=300)
        assert found.known_share == pytest.approx(known.mean(), abs=0.04)
        assert found.share_low < found.known_share < found.share_high


@given(st.integers(10, 500), st.integers(10, 500), st.floats(0, 0.9), st.floats(0, 0.45))
def test_links_behind_a_match_are_those_it_was_made_from(records, others, linked_share, chance_share):
    links, chance = linked_share * min(records, others), chance_share * min(records, others)
    observed = links + chance * (1 - links / records) * (1 - links / others)
    assert float(real_links(observed, chance, records, others)) == pytest.approx(links, abs=1e-6)


def test_where_chance_uses_up_a_source_links_cannot_be_told():
    assert np.isnan(real_links(50, 49, 50, 60))
    assert np.isnan(real_links(0, 0, 0, 60))


def test_the_answer_is_the_same_whatever_the_order_of_records():
    first, second, _ = world(1)
    order = np.random.default_rng(0).permutation(first.size)
    mixed = Points(first.at_s[order], first.x_m[order], first.y_m[order])
    one, other = (matched_excess(each, second, Rule(), replicates=200) for each in (first, mixed))
    assert (one.observed, one.chance, one.shifts) == (other.observed, other.chance, other.shifts)


def test_shifts_that_are_no_weeks_and_short_periods_are_refused():
    first, second, _ = world(1)
    with pytest.raises(UnfitNumbers, match="whole weeks"):
        matched_excess(first, second, Rule(), shift_days=(-1, 1))
    short = Points.of(*(each[first.at_s < 20 * DAY_S] for each in (first.at_s, first.x_m, first.y_m)))
    with pytest.raises(TooFewPoints):
        matched_excess(short, short, Rule())


def test_the_band_holds_the_truth_and_every_rule():
    first, second, known = world(3)
    found = unknown_band(first, second, replicates=200)
    assert found.low <= 1 - known.mean() <= found.high
    assert found.rules.height == 9
    told = found.rules.filter("is_told")
    assert found.low <= told["low"].min()
    assert unknown_band(first, second, replicates=200, missed_links=0.0).low == told["low"].min()
    assert told["high"].max() == found.high


def test_records_of_the_other_agency_that_cannot_be_matched_widen_the_band_downwards():
    first, second, _ = world(3)
    whole, part = (unknown_band(first, second, matchable=share, replicates=200) for share in (1.0, 0.8))
    assert part.low < whole.low
    assert part.high == whole.high


def test_a_person_that_is_unknown_never_speaks_against_a_match():
    first, second, _ = world(3)
    blank = Attributes((np.full(first.size, -1),), (np.full(second.size, -1),))
    rules = unknown_band(first, second, attributes=blank, replicates=200).rules
    plain, asked = rules.filter(attributes="none"), rules.filter(attributes="agree")
    assert plain.drop("attributes").equals(asked.drop("attributes"))


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 1000), st.integers(1, 1000))
def test_limits_from_counts_alone_hold_the_share(observed, chance, records, others):
    low, high = share_limits(min(observed, records), chance, records, others)
    assert 0 <= low <= high <= 1


def test_links_without_identifiers_are_found_and_few_are_false():
    first, second, known = world(5, events=4000)
    rng = np.random.default_rng(1)
    age = rng.integers(10, 80, first.size)
    theirs = np.concatenate([age[known], rng.integers(10, 80, second.size - known.sum())])
    found = linked(first, second, Rule(), [Compared("age", age, theirs, 2)])
    is_true = np.flatnonzero(known)[np.minimum(found.second, known.sum() - 1)] == found.first
    is_true &= found.second < known.sum()
    assert is_true.mean() > 0.95
    assert is_true.sum() > 0.85 * known.sum()
    assert (1 - found.probability).sum() == pytest.approx((~is_true).sum(), abs=40)


def test_patterns_are_the_same_however_they_are_counted(monkeypatch):
    first, second, known = world(5, events=800)
    rng = np.random.default_rng(1)
    compared = [Compared(name, *(rng.integers(-1, 4, each.size) for each in (first, second)), 1) for name in "abc"]
    answers = []
    for most in (1, 10**9):
        monkeypatch.setattr(proximity, "_MANY_KINDS", most)
        answers.append(linked(first, second, Rule(), compared))
    rare, dense = answers
    assert rare.first.size > 0.3 * known.sum()
    assert rare.weights.equals(dense.weights)
    assert all((getattr(rare, name) == getattr(dense, name)).all() for name in ("first", "second", "probability"))


def test_sources_that_lie_far_apart_have_no_links():
    first, _, _ = world(5)
    far = Points(first.at_s, first.x_m + 1e6, first.y_m)
    assert linked(first, far, Rule()).first.size == 0


def people(seed: int, size: int = 1200) -> tuple[pl.DataFrame, set[int]]:
    """Records of two agencies with tokens and fields that are missing or a day off; who is in both."""
    rng = np.random.default_rng(seed)
    ages, sexes = ("10-17", "18-24", "25-34", "35-49", "50-64"), ("male", "female")
    sectors = [f"LE{district} {sector}" for district in range(1, 8) for sector in range(1, 6)]
    whole = pl.DataFrame({
        "person": np.arange(size), "token": [f"t{number:05d}" for number in range(size)],
        "age_band": rng.choice(ages, size), "sex": rng.choice(sexes, size, p=[0.7, 0.3]),
        "sector": rng.choice(sectors, size), "day": rng.integers(0, 365, size),
    })  # fmt: skip
    parts = []
    for source, share in (("police", 0.6), ("ambulance", 0.5)):
        some = whole.filter(pl.Series(rng.random(size) < share))
        day = some["day"] + pl.Series(rng.random(some.height) < 0.05).cast(pl.Int64)
        gaps = {"token": 0.3, "sector": 0.1, "age_band": 0.1, "sex": 0.02}
        parts.append(some.with_columns(
            source=pl.lit(source), id=pl.format("{}{}", pl.lit(source[0]), pl.int_range(pl.len())),
            date=pl.Series([date(2025, 1, 1) + timedelta(days=days) for days in day.to_list()]),
            **{name: pl.when(pl.Series(rng.random(some.height) >= share)).then(name) for name, share in gaps.items()},
        ).drop("day"))  # fmt: skip
    return pl.concat(parts), set(parts[0]["person"]) & set(parts[1]["person"])


def test_linkage_by_pseudonyms_finds_most_links_and_nearly_no_false_ones():
    records, both = people(3)
    found = link(records.drop("person"))
    person = dict(records.select("id", "person").iter_rows())
    is_true = [person[one] == person[other] for one, other in found.pairs.select("first_id", "second_id").iter_rows()]
    assert np.mean(is_true) > 0.97
    assert sum(is_true) > 0.7 * len(both)
    assert set(found.parameters["column"]) == {"token", "age_band", "sex", "sector", "date"}
    again = link(records.drop("person").sample(fraction=1, shuffle=True, seed=4))
    assert again.pairs.equals(found.pairs)
    assert again.parameters.equals(found.parameters)


@needs_shared
def test_linkage_finds_the_known_duplicates_of_a_published_set():
    # FEBRL dataset 1: 500 originals, each with one duplicate in which fields are garbled or missing.
    raw = pl.read_csv(SHARED / "data/linkage/febrl_dataset1.csv", infer_schema=False)
    tidy = raw.rename(str.strip).with_columns(pl.all().str.strip_chars().replace("", None))
    found = link(
        tidy.select(
            id="rec_id", source=pl.lit("febrl"), token="soc_sec_id", age_band="state", sex="street_number",
            sector="postcode", date=pl.col("date_of_birth").str.to_date("%Y%m%d", strict=False),
        ),
        within_source=True,
    ).pairs.select(pl.col("first_id", "second_id").str.extract(r"rec-(\d+)-"))  # fmt: skip
    right = (found["first_id"] == found["second_id"]).sum()
    assert right > 0.94 * 500
    assert right > 0.97 * found.height


def test_a_token_that_is_missing_on_both_sides_is_no_agreement():
    records, _ = people(3)
    found = link(records.drop("person").with_columns(token=pl.lit(None, pl.String)))
    assert "token" not in found.parameters["column"].to_list()


def test_links_that_always_agree_are_found_and_those_that_cannot_be_learned_are_refused(
    monkeypatch: pytest.MonkeyPatch,
):
    """Two agencies whose records of one person are alike in everything, with nothing missing."""
    records = larger_inputs()["linkage"][0]["records"]
    (ambulance, police) = (set(records.filter(source=each)["token"]) for each in ("ambulance", "police"))
    assert link(records, seed=1).pairs.height == len(ambulance & police)
    monkeypatch.setattr(linkage, "_ROUNDS", 100)
    with pytest.raises(UnfitNumbers, match="cannot teach"):
        link(records, seed=1)


def test_linkage_is_the_same_in_whatever_order_the_database_joins(monkeypatch: pytest.MonkeyPatch):
    records, made = people(3, 300)[0].drop("person"), linkage._database

    def joining_otherwise() -> object:
        api = made()
        api.duckdb_con.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        return api

    found = link(records)
    monkeypatch.setattr(linkage, "_database", joining_otherwise)
    other = link(records)
    assert other.pairs.equals(found.pairs)
    assert other.parameters.equals(found.parameters)


def test_too_few_records_and_repeated_ids_are_refused():
    records = people(3)[0].drop("person")
    with pytest.raises(TooFewPoints):
        link(records.head(10))
    with pytest.raises(UnfitNumbers, match="twice"):
        link(pl.concat([records, records.head(1)]))
    with pytest.raises(UnfitNumbers, match="three fields"):
        link(records.select("source", "id", "sex"))


AGENCIES = st.lists(st.integers(0, 60), min_size=2, max_size=3)


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_the_band_of_a_total_holds_the_union_whatever_is_shared(police, ambulance, hospital):
    held = {"police": police, "ambulance": ambulance, "hospital": hospital}
    names = list(held)
    pairs = {
        (one, other): Shared(*(len(held[one] & held[other]),) * 3)
        for at, one in enumerate(names) for other in names[at + 1 :]
    }  # fmt: skip
    counts = {name: len(each) for name, each in held.items()}
    union = len(police | ambulance | hospital)
    for shared in (pairs, dict(list(pairs.items())[:1]), {}):
        found = total_across_agencies(counts, shared)
        assert max(counts.values()) <= found.low <= union <= found.high <= sum(counts.values())
    middle = total_across_agencies(counts, pairs).middle
    assert middle is not None


def test_a_total_of_one_agency_or_of_limits_that_cross_is_refused():
    with pytest.raises(TooFewPoints):
        total_across_agencies({"police": 5}, {})
    with pytest.raises(UnfitNumbers):
        total_across_agencies({"police": 5, "ambulance": 4}, {("police", "ambulance"): Shared(3, 4, 2)})


def run(name: str, params: dict | None = None, **inputs: dict | pl.DataFrame) -> methods.Result:
    frames = {role: pl.DataFrame(frame) for role, frame in inputs.items()}
    return methods.run(methods.ALL[name], frames, params or {}, seed=1)


def as_rows(source: Points) -> pl.DataFrame:
    at = pl.Series(source.at_s * 1_000_000).cast(pl.Datetime("us"))
    return pl.DataFrame({"at": at, "x_m": source.x_m, "y_m": source.y_m})


def test_rows_without_a_time_or_a_place_are_left_out_and_counted():
    first, second, _ = world(2)
    gaps = as_rows(first).with_columns(x_m=pl.when(pl.int_range(pl.len()) >= 5).then("x_m"))
    result = run("matched_excess", first=gaps, second=as_rows(second))
    assert result.summary["first"] == first.size - 5
    assert "5 rows lack a time or a place" in result.warnings[0]


def test_sexes_and_ages_that_say_nothing_are_taken_as_missing():
    first, second, _ = world(2)
    said = as_rows(first).with_columns(sex=pl.lit("not_asked")), as_rows(second).with_columns(sex=pl.lit("male"))
    rows = pl.DataFrame(list(run("unknown_to_police", {"radii_m": "500"}, records=said[0], police=said[1]).rows))
    plain, asked = rows.filter(attributes="none"), rows.filter(attributes="agree")
    assert plain["observed"].to_list() == asked["observed"].to_list()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("matched_excess", {"from_min": "60", "to_min": "0"}), ("matched_excess", {"shift_days": "weekly"}),
        ("unknown_to_police", {"radii_m": "near"}), ("unknown_to_police", {"radii_m": "1"}),
        ("unknown_to_police", {"windows_min": "60..-30"}),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused(name, params):
    first, second, _ = world(2)
    roles = methods.ALL[name].inputs
    with pytest.raises(WrongUsage):
        run(name, params, **dict(zip(roles, (as_rows(first), as_rows(second)), strict=True)))
