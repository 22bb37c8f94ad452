"""What a reader who knows the rule learns of one cell: the tests' own attacker, apart from the product's."""

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import Status

_ANY_SIZE = 1e8  # more than any count


def possible_range(status: str, value: float | None, rule: CountRule) -> tuple[float, float] | None:
    """What a reader who knows the rule learns of a cell on its own: the least and the most it can be, or None.

    What is hidden for its persons may be any count; what is hidden for a group may be nought as well.
    """
    if status == Status.SUPPRESSED.value:
        any_size = rule.of_persons or rule.no_group
        return 0.0 if rule.no_group else 1.0, _ANY_SIZE if any_size else float(rule.suppress_up_to)
    if status != Status.SHOWN.value or value is None:
        return None
    below, above = rule.round_to // 2, (rule.round_to - 1) // 2
    if value == 0:
        # A zero is a true zero, unless rounding could have brought a shown count down to it.
        return 0.0, float(above if above > rule.suppress_up_to else 0)
    return max(value - below, rule.suppress_up_to + 1.0), value + above
