"""A time that many rows share and that contradicts their recording is doubtful itself; one row's is that row's slip."""

from intake.desk import read_bytes, rms
from upstander.contracts.readings import Outcome

EARLY = {"recorded_at": "03/07/2026 09:00"}  # the event is on 4 July, 22:40
OTHERS = [{"occurred_from": f"0{day}/06/2026 10:{minute:02d}"} for day in range(1, 9) for minute in range(12)]


def test_one_row_recorded_before_it_happened_is_kept_back() -> None:
    result, _ = read_bytes(rms(*OTHERS, EARLY))
    assert result.otherwise is Outcome.ROWQ  # rows so like one another wait for other reasons
    assert result.quarantined_by_rule == (("recorded before it happened", 1),)


def test_rows_that_share_one_time_stand_and_the_time_is_called_doubtful() -> None:
    result, tray = read_bytes(rms(*OTHERS, *[EARLY] * 12))
    assert result.otherwise is Outcome.ACCEPT
    assert "12 rows were recorded before it happened, by a time that many rows share" in result.message
    assert tray.accepted.height == len(OTHERS) + 12


def test_rows_with_times_of_their_own_are_kept_back_however_many_they_are() -> None:
    early = [
        {"occurred_from": f"04/07/2026 22:{minute:02d}", "recorded_at": "01/01/2026 00:00"} for minute in range(30)
    ]
    result, _ = read_bytes(rms(*early))
    assert result.quarantined_by_rule == (("recorded before it happened", 30),)


def test_who_writes_24_00_means_midnight() -> None:
    meant = [{"occurred_from": f"{day:02d}/06/2026 24:00"} for day in range(1, 21)]
    assert "exactly midnight" not in read_bytes(rms(*meant))[0].message
    filled_in = [{"occurred_from": f"{day:02d}/06/2026 00:00"} for day in range(1, 21)]
    assert "20 of 20 times are exactly midnight" in read_bytes(rms(*filled_in))[0].message
