"""What the fictional county's agreement says of a dataset, for the page `what happens to your data`."""

from datetime import timedelta

from upstander.contracts.your_data import SharingFacts
from upstander.sharing.gateways import GATEWAYS
from upstander.sharing.shipping import shipped
from upstander.sharing.terms import CountHandling, Schedule, Terms, read_terms

AGREEMENT = "fictional_county"


def facts_of(dataset: str) -> SharingFacts | None:
    """Recipients of any schedule, shortest retention, earliest end, and the strictest rule for shareable counts.

    None for a dataset that the county does not share: there is nothing yet to promise its sender.
    """
    terms = read_terms(shipped(AGREEMENT))
    schedules = [schedule for schedule in terms.schedules if schedule.dataset == dataset]
    if not schedules:
        return None
    return SharingFacts(
        recipients=recipients(terms, schedules),
        gateway="; ".join(dict.fromkeys(GATEWAYS[schedule.gateway].title for schedule in schedules)),
        retention_days=min(schedule.handling.retention_days for schedule in schedules),
        rule_words=rule_words(max((schedule.handling.shareable for schedule in schedules), key=strictness)),
        until=min(schedule.end for schedule in schedules) - timedelta(days=1),
    )


def recipients(terms: Terms, schedules: list[Schedule]) -> tuple[str, ...]:
    """Everyone who may read under any of the schedules, in the order of the agreement."""
    named = {name for schedule in schedules for name in schedule.recipients.agencies}
    persons = [person for schedule in schedules for person in schedule.recipients.persons]
    return (*(party.name for party in terms.parties if party.agency in named), *dict.fromkeys(persons))


def strictness(rule: CountHandling) -> tuple[int, int]:
    """A rule that hides more, or rounds more coarsely, is stricter."""
    return rule.suppress_up_to, rule.round_to


def rule_words(rule: CountHandling) -> str:
    """How counts may be shown, as one sentence."""
    hidden = f"Counts from 1 to {rule.suppress_up_to} are hidden" if rule.suppress_up_to else "No count is hidden"
    return f"{hidden}; others are rounded to the nearest {rule.round_to}." if rule.round_to > 1 else f"{hidden}."
