"""Default times: 00:00 and 12:00 filled in by a system, told from hours that are truly busy."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest

from upstander.analysis.errors import UnfitNumbers
from upstander.analysis.hotspots.defaults import default_time_spikes, minute_counts

MINUTE = np.arange(1440)
BUSY_MIDNIGHT = 4 + 12 * np.exp(-((((MINUTE + 720) % 1440 - 720) / 60) ** 2))


def drawn(rates, seed=1):
    return np.random.default_rng(seed).poisson(rates)


def test_a_truly_busy_midnight_is_no_default():
    assert default_time_spikes(drawn(BUSY_MIDNIGHT)) == ()


def test_midnight_and_noon_that_a_system_fills_in_are_found():
    counts = drawn(BUSY_MIDNIGHT)
    counts[0] += 90
    counts[720] += 60
    found = {spike.at: spike for spike in default_time_spikes(counts)}
    assert {at: spike.kind for at, spike in found.items()} == {"00:00": "default", "12:00": "default"}
    assert found["12:00"].share == pytest.approx(60 / counts.sum(), abs=0.002)
    assert found["00:00"].observed == counts[0]
    assert found["00:00"].expected == pytest.approx(16, abs=3)


def test_rounding_to_the_hour_is_called_rounding_at_midnight_too():
    rates = np.full(1440, 4.0)
    rates[::60] = 60
    kinds = {spike.kind for spike in default_time_spikes(drawn(rates))}
    assert kinds == {"rounded"}


def test_a_default_stands_above_the_rounding_of_its_own_source():
    rates = np.full(1440, 4.0)
    rates[::60] = 60
    rates[0] = 300
    first = default_time_spikes(drawn(rates))[0]
    assert (first.at, first.kind) == ("00:00", "default")
    assert first.expected_if_rounded == pytest.approx(60, rel=0.2)


def test_quiet_days_without_heaping_seldom_raise_an_alarm():
    alarms = [bool(default_time_spikes(drawn(np.full(1440, 0.5), seed))) for seed in range(300)]
    assert np.mean(alarms) <= 0.03


def test_counts_by_minute_add_up_and_leave_the_missing_out():
    local = pl.Series([datetime.fromisoformat("2024-04-06T00:00"), datetime.fromisoformat("2024-04-07T23:59"), None])
    counts = minute_counts(local)
    assert (counts.sum(), counts[0], counts[1439]) == (2, 1, 1)


@pytest.mark.parametrize("counts", [np.zeros(1439), np.full(1440, 0.5), np.full(1440, -1)])
def test_anything_but_counts_for_every_minute_is_refused(counts):
    with pytest.raises(UnfitNumbers, match="1,440 whole numbers"):
        default_time_spikes(counts)
