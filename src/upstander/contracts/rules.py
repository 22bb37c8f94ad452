"""What follows from rules for counts: the one that governs where several meet, and how a rule is told in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import lcm

from upstander.contracts.asking import CountRule
from upstander.values.areas import coarsest

_BETWEEN = "; "


def strictest(rules: Sequence[CountRule]) -> CountRule:
    """The rule that governs where sources meet: of every part the strictest, so that no owner's rule is lost.

    Rounding is to the least common multiple, so that what is shown is a multiple of every owner's base. Of two
    dominance rules the larger n and the smaller k: it hides what either hides. Names and agreements are all listed.
    The order of the rules does not matter, and a rule met by itself stays as it is. Raises ValueError without a rule.
    """
    if not rules:
        raise ValueError("a table about people has at least one rule")
    dominances = [rule.dominance for rule in rules if rule.dominance is not None]
    percents = [rule.p_percent for rule in rules if rule.p_percent is not None]
    return CountRule(
        name=_listed(rule.name for rule in rules),
        agreement=_listed(rule.agreement for rule in rules),
        suppress_up_to=max(rule.suppress_up_to for rule in rules),
        round_to=lcm(*(rule.round_to for rule in rules)),
        open_data=all(rule.open_data for rule in rules),
        of_persons=any(rule.of_persons for rule in rules),
        finest=coarsest(rule.finest for rule in rules),
        rate_from=max(rule.rate_from for rule in rules),
        no_group=any(rule.no_group for rule in rules),
        dominance=(max(n for n, _ in dominances), min(k for _, k in dominances)) if dominances else None,
        p_percent=max(percents, default=None),
        least_width=max(rule.least_width for rule in rules),
        publishable=all(is_public(rule) for rule in rules) and any(rule.publishable for rule in rules),
    )


def asks(rule: CountRule) -> CountRule:
    """What a rule asks of counts, whoever says so."""
    return replace(rule, name="", agreement="")


def is_public(rule: CountRule) -> bool:
    """Whether what the rule leaves may be published to everyone."""
    return rule.open_data or rule.publishable


def rule_in_words(rule: CountRule) -> str:
    """What a rule does to counts, in one sentence without its stop. Open data is shown as it was published."""
    if rule.open_data:
        return "as published, since they are open data"
    return _BETWEEN.join(_parts(rule))


def _parts(rule: CountRule) -> Iterator[str]:
    hidden = f"1 to {rule.suppress_up_to} hidden" if rule.suppress_up_to else "none hidden"
    yield f"{hidden}, " + (f"others to the nearest {rule.round_to}" if rule.round_to > 1 else "none rounded")
    if rule.finest:
        yield f"no area smaller than {rule.finest}"
    if rule.of_persons:
        yield f"hidden too where they are of {rule.suppress_up_to} persons or fewer"
    if rule.no_group:
        yield "hidden where they would tell that everybody of a group is alike"
    if rule.least_width:
        yield f"a hidden count can still be any of {rule.width} numbers, whatever else is known"
    if rule.rate_from:
        yield f"no rate, mean or percentage of fewer than {rule.rate_from}"
    if rule.dominance is not None:
        n, k = rule.dominance
        yield f"no sum of which {n} {'contributor makes' if n == 1 else 'contributors make'} more than {k:g}%"
    if rule.p_percent is not None:
        yield f"no sum of which one contributor could work out another's part to within {rule.p_percent:g}%"
    if rule.publishable:
        yield "what is left may be published to everyone"


def _listed(names: Iterable[str]) -> str:
    """Every name once, in order; a name may itself be such a list."""
    return _BETWEEN.join(sorted({one for name in names for one in name.split(_BETWEEN)}))
