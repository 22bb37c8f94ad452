"""The answer to "did it work?" on one page, part by part, with what is not known said as plainly as what is.

The parts are EMMIE's: Effect, Mechanism, Moderators, Implementation, Economic cost; then whether regression to the mean
was ruled out, and what would change our mind. Source: Johnson, Tilley and Bowers, Journal of Experimental Criminology
11(3), 2015; the scale as used by the College of Policing's Crime Reduction Toolkit.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """Rate with the project over the rate expected, with limits, and events prevented with theirs where known."""

    outcome: str
    ratio: float
    low: float
    high: float
    prevented: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Sign:
    """Something that would be seen if the project works as it is meant to, and whether it was: None is not looked."""

    what: str
    was_seen: bool | None


@dataclass(frozen=True)
class Subgroup:
    """Where, when or for whom the effect was, as a ratio with limits."""

    name: str
    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class Delivery:
    """How much of what was planned was done, in its own unit."""

    what: str
    planned: float
    delivered: float


@dataclass(frozen=True)
class Money:
    """Benefit with limits, and cost, in pounds of one year."""

    benefit: float
    low: float
    high: float
    cost: float


@dataclass(frozen=True)
class PeakCheck:
    """What places chosen this way were to fall by themselves, and how they fell beyond it, with its p."""

    expected_fall: float
    beyond: float | None = None
    p: float | None = None


@dataclass(frozen=True)
class Part:
    """One part of the answer. `is_known` is false where nobody looked."""

    name: str
    says: tuple[str, ...]
    is_known: bool


def impact_answer(
    effect: Effect, *, mechanism: Sequence[Sign] = (), moderators: Sequence[Subgroup] = (),
    implementation: Sequence[Delivery] = (), money: Money | None = None, peak: PeakCheck | None = None,
) -> tuple[Part, ...]:  # fmt: skip
    """The parts of the page, in their order. Whatever is not given is said not to be known; it is never left out."""
    return (
        Part("Effect", tuple(_effect(effect)), is_known=True),
        _part("Mechanism", [_sign(each) for each in mechanism], "Nobody looked whether it works as it is meant to."),
        _part("Moderators", _moderators(effect, moderators), "Nobody looked where or for whom it works."),
        _part("Implementation", [_delivery(each) for each in implementation],
              "How much of it was done is not known: no effect may mean that little was done."),
        _part("Economic cost", _money(money), "What it cost and what it was worth is not known."),
        _part("Regression to the mean", _peak(peak),
              "Not checked. If the place was chosen at its peak, some of a fall would have come by itself."),
        Part("What would change our mind", tuple(_doubts(effect, moderators, implementation, peak)), is_known=True),
    )  # fmt: skip


def _part(name: str, says: Sequence[str], otherwise: str) -> Part:
    return Part(name, tuple(says) or (otherwise,), is_known=bool(says))


def _effect(effect: Effect) -> list[str]:
    if effect.high < 1:
        first = f"{effect.outcome} fell by {_share(effect.ratio)} against what was expected"
    elif effect.low > 1:
        first = f"{effect.outcome} rose by {_share(effect.ratio)} against what was expected"
    else:
        first = f"{effect.outcome}: no change can be told from chance"
    says = [f"{first}; it could be anything from {_moved(effect.low)} to {_moved(effect.high)}."]
    if effect.prevented:
        best, low, high = effect.prevented
        says.append(f"That is {best:,.0f} events prevented (from {low:,.0f} to {high:,.0f}).")
    return says


def _share(ratio: float) -> str:
    return f"{abs(1 - ratio):.0%}"


def _moved(ratio: float) -> str:
    return f"{_share(ratio)} {'fewer' if ratio < 1 else 'more'}"


def _sign(sign: Sign) -> str:
    seen = {True: "seen", False: "looked for and not seen", None: "not looked for"}[sign.was_seen]
    return f"{sign.what}: {seen}."


def _moderators(effect: Effect, found: Sequence[Subgroup]) -> list[str]:
    says = [f"{one.name}: {_moved(one.ratio)} ({_moved(one.low)} to {_moved(one.high)})." for one in found]
    if found and all(one.low <= effect.ratio <= one.high for one in found):
        says.append("None of these differs from the whole by more than chance.")
    return says


def _delivery(one: Delivery) -> str:
    if one.planned <= 0:
        return f"{one.what}: {one.delivered:g} done, none planned."
    return f"{one.what}: {one.delivered:g} of {one.planned:g} done ({one.delivered / one.planned:.0%})."


def _money(money: Money | None) -> list[str]:
    if money is None:
        return []
    says = [
        f"It cost £{money.cost:,.0f} and was worth £{money.benefit:,.0f} (£{money.low:,.0f} to £{money.high:,.0f})."
    ]
    if money.cost > 0:
        low, best, high = (each / money.cost for each in (money.low, money.benefit, money.high))
        says.append(f"Each pound brought £{best:.2f} (£{low:.2f} to £{high:.2f}).")
    if money.low < money.cost < money.high:
        says.append("Whether it pays for itself cannot be told yet.")
    return says


def _peak(peak: PeakCheck | None) -> list[str]:
    if peak is None:
        return []
    says = [f"Places chosen this way were to change by {-peak.expected_fall:+.0%} without any project."]
    if peak.beyond is not None and peak.p is not None:
        word = "chance would do as much once in" if peak.p < 0.5 else "chance does as much more often than not:"
        rate = f"{1 / peak.p:,.0f} times" if peak.p < 0.5 else f"{peak.p:.0%}"
        says.append(f"They changed by {-peak.beyond:+.0%} beyond that; {word} {rate}.")
    return says


def _doubts(
    effect: Effect, moderators: Sequence[Subgroup], implementation: Sequence[Delivery], peak: PeakCheck | None
) -> list[str]:
    nearer = effect.high if effect.ratio < 1 else effect.low
    if (effect.ratio < 1) == (nearer < 1) and nearer != 1:
        says = [f"Something else that moved counts by {_share(nearer)} or more the same way at the same time."]
    else:
        says = ["A longer series, or more places: what there is cannot tell a change from chance."]
    says.append("A change in how events are recorded, or in who reports them, at about the start.")
    if peak is None:
        says.append("A check of regression to the mean that accounts for the fall.")
    elif peak.beyond is not None and peak.p is not None and peak.p > 0.05:
        says.append("Nothing need: what the place was to fall by itself accounts for it.")
    if any(one.planned > 0 and one.delivered < 0.5 * one.planned for one in implementation):
        says.append("The same project done in full: less than half of a part of it was.")
    if not moderators:
        says.append("The same effect, or none, in a second place.")
    return says
