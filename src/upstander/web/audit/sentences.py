"""An entry of the audit log as a sentence."""

from collections.abc import Sequence

from upstander.sharing import AuditEntry, AuditEvent, first_word
from upstander.web.templatetags.site import dataset_title

_NAMED = 3


def sentence(entry: AuditEntry) -> str:
    """Who did what, for which purpose, and what the answer was; the moment and the reason stand beside it."""
    event = entry.event
    who = event.person or "Somebody without a name"
    of = f" ({event.agency})" if event.agency else ""
    return f"{who}{of} {_did(event)}: {_answered(event)}."


def _did(event: AuditEvent) -> str:
    about = f"{' about one person' if event.subject else ''}, {event.purpose}"
    if not event.dataset or first_word(event.action) != "read":
        return f"did “{event.action}”{f' on {dataset_title(event.dataset)}' if event.dataset else ''}{about}"
    fields = f" ({_listed(event.fields)})" if event.fields else ""
    whose = f" from {_listed(event.suppliers)}" if event.suppliers else ""
    return f"asked to {event.action} {dataset_title(event.dataset)}{fields}{whose}{about}"


def _answered(event: AuditEvent) -> str:
    under = f" under {event.agreement}" if event.agreement else ""
    rows = "" if event.rows is None else f", {event.rows:,} {'row' if event.rows == 1 else 'rows'}"
    return event.answer.rstrip(".") if first_word(event.answer) == "refused" else f"{event.answer}{under}{rows}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
