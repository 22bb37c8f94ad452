"""Work beside other work gives what it would give one after another."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from upstander.values.alongside import Behind, ahead


def _counting(made: list[int], *, upto: int) -> Iterator[int]:
    for number in range(upto):
        made.append(number)
        yield number


def _failing() -> None:
    raise KeyError("job")


def test_items_come_in_their_order_and_no_more_than_one_is_made_ahead() -> None:
    made: list[int] = []
    seen = []
    for number in ahead(_counting(made, upto=50)):
        assert len(made) <= number + 2
        seen.append(number)
    assert seen == made == list(range(50))


def test_what_goes_wrong_while_an_item_is_made_comes_after_the_items_before_it() -> None:
    def one_then_a_fault() -> Iterator[int]:
        yield 1
        raise KeyError("second")

    items = ahead(one_then_a_fault())
    assert next(items) == 1
    with pytest.raises(KeyError, match="second"):
        next(items)


def test_no_thread_is_left_when_the_items_are_left_before_their_end() -> None:
    before = threading.active_count()
    with closing(ahead(_counting([], upto=50))) as numbers:
        assert next(numbers) == 0
    assert threading.active_count() == before


def test_jobs_left_behind_are_done_in_turn_and_all_done_at_the_end() -> None:
    done: list[int] = []
    with Behind() as behind:
        for number in range(50):
            behind.do(lambda number=number: done.append(number))
            assert len(done) >= number
    assert done == list(range(50))


def test_a_job_that_goes_wrong_is_told_of_at_the_next_one() -> None:
    with Behind() as behind:
        behind.do(_failing)
        with pytest.raises(KeyError, match="job"):
            behind.do(list)


def _leave_behind_and_fail(outside: Exception | None) -> None:
    with Behind() as behind:
        behind.do(_failing)
        if outside is not None:
            raise outside


def test_a_job_that_goes_wrong_last_is_told_of_at_the_end() -> None:
    with pytest.raises(KeyError, match="job"):
        _leave_behind_and_fail(None)


def test_what_went_wrong_outside_is_not_hidden_by_a_job_that_went_wrong_too() -> None:
    with pytest.raises(ValueError, match="outside"):
        _leave_behind_and_fail(ValueError("outside"))
