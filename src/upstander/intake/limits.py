"""Where intake draws its lines. They are data, so that the checker page draws the same."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bytes, counts and shares. A slip is fewer than `a_few` rows or than `slips` of them. A time is shared
    by `shared_by` rows at least, and by one in `shared_by`. No map of the world reaches `furthest_m` metres.
    """

    block_bytes: int = 8 << 20
    longest_record: int = 4 << 20
    most_columns: int = 500
    longest_text: int = 100
    oldest_age: int = 120
    furthest_m: int = 21_000_000
    many_blank: int = 100
    a_few: int = 3
    slips: float = 0.01
    enough: int = 10
    shared_by: int = 10
    nearly_all: float = 0.9
    long_ago_days: int = 20 * 365
    mistakes_kept: int = 1_000
    lines_named: int = 5
    rules_named: int = 6
    codes_named: int = 12
    value_shown: int = 60


LIMITS = Limits()
