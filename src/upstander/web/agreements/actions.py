"""Deciding about agreements and signing them on the site: by the functions that the command uses, in one transaction.

Backups within reach are told after the decision is on the disk; one that is not is named, and the decision stands.
"""

from pathlib import Path

from django.db import transaction

from upstander.contracts.asking import Purpose
from upstander.sharing import ActKind
from upstander.web.accounts.models import Person


def decide(person: Person, name: str, kind: ActKind, why: str, *, schedule: str, agency: str) -> tuple[str, list[Path]]:
    """End, suspend, resume or withdraw at once. Gives what was done in words, and backups that could not be told.

    Raises WrongUsage for what cannot be decided, TryAgain where the audit log cannot be written.
    """
    from upstander.pipeline.agreeing import decide_about
    from upstander.pipeline.keeping.backups import tell_backups
    from upstander.web.desks import desk_of
    from upstander.web.store import served_store

    desk = desk_of(person, purpose=Purpose.STEWARDSHIP, why=why)
    with transaction.atomic():
        said = decide_about(desk, name, kind, schedule=schedule, agency=agency)
    return said, tell_backups(desk, served_store())


def sign(person: Person, content: bytes) -> str:
    """Put a version in force, signed by this person. Raises BadAgreement."""
    from upstander.pipeline.agreeing import sign as sign_at
    from upstander.web.desks import desk_of

    with transaction.atomic():
        return sign_at(desk_of(person, purpose=Purpose.STEWARDSHIP, why="signing"), content)
