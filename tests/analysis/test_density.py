"""Kernel density: the exact sum, the binned one beside it, even edges, and what the bandwidth does."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis import methods
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.hotspots import density as kde
from upstander.errors import WrongUsage

STUDY = kde.study_within(0, 0, 4000, 3000, 100)
CENTRES = [axis.ravel() for axis in np.meshgrid(*STUDY.centres())]


def by_hand(at_x, at_y, x, y, h):
    """The sum of the kernel over all events, one by one, a km²."""
    found = []
    for a, b in zip(at_x, at_y, strict=True):
        apart = [((a - u) ** 2 + (b - v) ** 2) / h**2 for u, v in zip(x, y, strict=True)]
        found.append(sum(3 / (np.pi * h**2) * (1 - d) ** 2 for d in apart if d < 1) * 1e6)
    return np.array(found)


def binned_density(x, y, h, **options):
    counts, _ = kde.binned(x, y, STUDY)
    return kde.density(counts, STUDY, h, **options)


def run(params=None, **frames):
    return methods.run(
        methods.ALL["density"], {role: pl.DataFrame(each) for role, each in frames.items()}, params or {}, seed=1
    )


@given(st.lists(st.tuples(st.floats(0, 3999), st.floats(0, 2999)), min_size=1, max_size=15), st.floats(150, 900))
def test_the_exact_density_is_the_sum_written_out(points, h):
    x, y = np.array(points).T
    asked = np.array([[100.0, 2000, 3900], [50, 1500, 2900]])
    assert kde.density_at(*asked, x, y, h) == pytest.approx(by_hand(*asked, x, y, h), abs=1e-9)


def test_events_in_the_middle_of_cells_have_the_exact_density_but_for_the_shape_of_the_grid():
    rng = np.random.default_rng(1)
    x, y = (rng.integers(0, side, 200) * 100 + 50.0 for side in (40, 30))
    found = binned_density(x, y, 500, is_edge_corrected=False)
    exact = kde.density_at(*CENTRES, x, y, 500)
    assert found.ravel() == pytest.approx(exact, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize(("events", "most"), [(1, 0.22), (100, 0.06), (1000, 0.03)])
def test_binning_moves_the_density_by_no_more_than_we_say(events, most):
    rng = np.random.default_rng(events)
    for _ in range(10):
        x, y = rng.normal([[2000], [1500]], 150, (2, events))
        exact = kde.density_at(*CENTRES, x, y, 500).reshape(30, 40)
        peak = 3 / np.pi / 500**2 * 1e6 if events == 1 else exact.max()
        assert np.abs(binned_density(x, y, 500) - exact).max() <= most * peak


def test_smaller_cells_bring_the_binned_density_to_the_exact_one():
    rng = np.random.default_rng(3)
    x, y = rng.normal([[2000], [1500]], 150, (2, 300))
    off = []
    for cell in (200, 100, 50, 25):
        study = kde.study_within(0, 0, 4000, 3000, cell)
        counts, _ = kde.binned(x, y, study)
        at = [axis.ravel() for axis in np.meshgrid(*study.centres())]
        off.append(np.abs(kde.density(counts, study, 500).ravel() - kde.density_at(*at, x, y, 500)).max())
    assert off == sorted(off, reverse=True)
    assert off[-1] < off[0] / 6


def test_the_transform_equals_the_direct_sum():
    from scipy.signal import convolve2d

    counts = np.random.default_rng(2).poisson(0.3, (30, 40)).astype(float)
    kernel = kde._kernel(500, 100)
    direct = convolve2d(counts, kernel, mode="same") / 0.01
    assert kde.density(counts, STUDY, 500, is_edge_corrected=False) == pytest.approx(direct, abs=1e-9)


@given(st.floats(100, 2500), st.integers(1, 40), st.integers(1, 40))
def test_even_events_have_an_even_density_up_to_the_edge(h, columns, rows):
    study = kde.Study(0, 0, columns, rows, 100)
    assert kde.density(np.ones((rows, columns)), study, h) == pytest.approx(np.full((rows, columns), 100.0))


def test_edge_mass_on_the_grid_agrees_with_the_integral():
    assert kde.edge_mass(STUDY, 500).ravel() == pytest.approx(kde.exact_edge_mass(*CENTRES, STUDY, 500), abs=0.006)


def test_edge_mass_by_integral_agrees_with_points_thrown_at_random():
    rng = np.random.default_rng(4)
    at = np.array([[0.0, 100, 250, 2000], [0, 1500, 100, 2900]])
    corner = rng.uniform(-500, 500, (2, 400_000))
    share = kde.quartic(np.square(corner / 500).sum(axis=0))
    for number, (x, y) in enumerate(at.T):
        inside = (x + corner[0] >= 0) & (x + corner[0] < 4000) & (y + corner[1] >= 0) & (y + corner[1] < 3000)
        thrown = share[inside].sum() / share.sum()
        assert kde.exact_edge_mass(*at, STUDY, 500)[number] == pytest.approx(thrown, abs=0.005)


@given(st.integers(0, 2**32 - 1))
def test_a_density_not_corrected_holds_every_event_once_where_no_edge_is_near(seed):
    x, y = np.random.default_rng(seed).uniform([[600], [600]], [[3400], [2400]], (2, 50))
    found = binned_density(x, y, 500, is_edge_corrected=False)
    assert found.sum() * 0.01 == pytest.approx(50)
    assert (found >= 0).all()


def test_points_in_any_order_and_any_chunk_count_alike():
    x, y = np.random.default_rng(5).random((2, 200_000)) * [[4000], [3000]]
    counts, outside = kde.binned(x, y, STUDY)
    again, _ = kde.binned(x[::-1], y[::-1], STUDY)
    expected, _, _ = np.histogram2d(y, x, bins=(30, 40), range=((0, 3000), (0, 4000)))
    assert outside == 0
    assert counts.tolist() == again.tolist() == expected.tolist()


def test_far_edges_and_points_beyond_are_left_out_and_counted():
    counts, outside = kde.binned(np.array([-1e-9, 0, 3999.9, 4000]), np.zeros(4), STUDY)
    assert (counts.sum(), outside) == (2, 2)


def test_the_extent_of_the_points_holds_them_all():
    x, y = np.random.default_rng(6).random((2, 500)) * 1000
    study = kde.study_around(x, y)
    assert kde.binned(x, y, study)[1] == 0
    assert study.cell_m == pytest.approx(min(np.ptp(x), np.ptp(y)) / 150)


def test_the_kth_nearest_distance_is_that_to_another_point():
    assert kde.nearest_bandwidth(np.array([0.0, 3, 7]), np.zeros(3), 1) == pytest.approx((3 + 3 + 4) / 3)
    assert kde.nearest_bandwidth(np.array([0.0, 3, 7]), np.zeros(3), 2) == pytest.approx((7 + 4 + 7) / 3)


@pytest.mark.parametrize(
    ("wrong", "work"),
    [
        (TooFewPoints, lambda: kde.study_around(np.array([]), np.array([]))),
        (UnfitNumbers, lambda: kde.study_around(np.zeros(3), np.arange(3.0))),
        (UnfitNumbers, lambda: kde.study_within(0, 0, 0, 5)),
        (UnfitNumbers, lambda: kde.study_within(0, 0, 1e6, 1e6, 1)),
        (UnfitNumbers, lambda: kde.density(np.zeros((30, 40)), STUDY, 50)),
        (UnfitNumbers, lambda: kde.nearest_bandwidth(np.zeros(3), np.zeros(3), 1)),
        (TooFewPoints, lambda: kde.nearest_bandwidth(np.zeros(3), np.zeros(3), 3)),
    ],
)
def test_what_has_no_density_is_refused(wrong, work):
    with pytest.raises(wrong):
        work()


def test_the_densest_cells_come_first_and_none_is_empty():
    rng = np.random.default_rng(7)
    points = {"x": rng.normal(2000, 200, 300), "y": rng.normal(1500, 200, 300)}
    result = run({"study": "0,0,4000,3000", "cell": "100", "rows": "0"}, points=points)
    rows = pl.DataFrame(list(result.rows))
    assert rows["density"].is_sorted(descending=True)
    assert rows["density"].min() > 0
    assert rows["in_top"].sum() == 12
    assert rows["events"].sum() == 300
    assert result.summary["bandwidth_m"] == 500


def test_half_and_double_the_bandwidth_are_always_told():
    rng = np.random.default_rng(8)
    points = {"x": rng.random(60) * 4000, "y": rng.random(60) * 3000}
    result = run({"study": "0,0,4000,3000", "cell": "100"}, points=points)
    assert result.summary["top_kept_half"] < 0.8
    assert any("do not draw a border" in said for said in result.warnings)


def test_a_weight_is_how_much_an_event_counts():
    points = {"x": [2000, 2000, 1000], "y": [1500, 1500, 1000]}
    params = {"study": "0,0,4000,3000", "cell": "100"}
    half = run(params, points=points | {"weight": [0.5, 0.5, 1.0]}, at={"x": [2000], "y": [1500]}).rows[0]
    once = run(params, points={"x": [2000, 1000], "y": [1500, 1000]}, at={"x": [2000], "y": [1500]}).rows[0]
    assert half["density"] == pytest.approx(once["density"])
    with pytest.raises(UnfitNumbers, match="row 2: the weight is below 0"):
        run(params, points=points | {"weight": [1, -1, 1]})


def test_bounds_that_are_no_numbers_are_wrong_usage():
    with pytest.raises(WrongUsage, match="not four numbers"):
        run({"study": "here"}, points={"x": [0], "y": [0]})


def test_points_outside_are_told_and_do_not_count():
    params = {"study": "0,0,4000,3000", "cell": "100"}
    points = {"x": [2000, 9000], "y": [1500, 1500]}
    result = run(params, points=points, at={"x": [2000], "y": [1500]})
    alone = run(params, points={"x": [2000], "y": [1500]}, at={"x": [2000], "y": [1500]})
    assert "1 points lie outside" in result.warnings[0]
    assert result.rows == alone.rows
