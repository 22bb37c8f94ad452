"""What can be done to tokens. Each action and its line in the audit log are one transaction.

Whoever grants a token never sees it: an administrator sees no data, and a secret would open some.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from upstander.errors import WrongUsage
from upstander.web.accounts.models import Person
from upstander.web.accounts.trail import note
from upstander.web.api.models import LONGEST, For, Token, digest_of
from upstander.web.standing import may_answer_for_tokens

PREFIX = "upstander_"  # so that a secret left lying about is known for what it is
_GRAIN = timedelta(minutes=1)


def grant(called: str, person: Person, purpose: For, until: datetime, by: Person, at: datetime) -> Token:
    """A token that its person can fetch. `until` is the aware UTC moment at which it ends. Raises WrongUsage."""
    if not may_answer_for_tokens(person, at):
        raise _wrong("person", person.handle, "somebody whose account is open and who may read published figures")
    if not at < until <= at + LONGEST:
        raise _wrong("until", until.date().isoformat(), "a day to come, within a year")
    with transaction.atomic():
        made = Token.objects.create(
            called=called, person=person, purpose=purpose, granted_by=by.handle, granted_at=at, expires_at=until
        )
        note("grant token", by, at, why=f"token {made.pk} to {person.handle} for {purpose}")
    return made


def fetch(number: int, person: Person, at: datetime) -> str | None:
    """The secret of a token, to the person who answers for it, once; None for anybody else and ever after."""
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        waiting = Token.objects.filter(pk=number, person=person, sha256=None, revoked_at=None, expires_at__gt=at)
        if not waiting.update(sha256=digest_of(secret), fetched_at=at):
            return None
        note("fetch token", person, at, why=f"token {number}")
    return secret


def revoke(token: Token, by: Person, at: datetime) -> None:
    """From the next request on it opens nothing. Once revoked, it stays so."""
    with transaction.atomic():
        if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at, revoked_by=by.handle):
            note("revoke token", by, at, why=f"token {token.pk} of {token.person.handle}")


def use(token: Token, at: datetime) -> None:
    """It was used just now; to the minute."""
    stale = Q(used_at=None) | Q(used_at__lte=at - _GRAIN)
    Token.objects.filter(stale, pk=token.pk).update(used_at=at)


def _wrong(what: str, found: str, expected: str) -> WrongUsage:
    return WrongUsage(
        f"The {what} '{found}' will not do. Expected: {expected}.", where=what, found=found, expected=expected,
        state="No token was granted.",
    )  # fmt: skip
