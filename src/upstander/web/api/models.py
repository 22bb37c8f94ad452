"""Tokens by which programs of an agency read published figures, and how often each was used of late."""

import hashlib
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

from upstander.contracts.asking import Purpose
from upstander.web.accounts.models import Person

LONGEST = timedelta(days=366)


class For(models.TextChoices):
    """What a token may be for. Operational figures are for people alone."""

    MONITORING = Purpose.MONITORING.value, "Monitoring and performance"
    STRATEGIC = Purpose.STRATEGIC.value, "Strategic needs assessment"


class Token(models.Model):
    """One program's way in, for one purpose, which one named person of an agency answers for.

    An administrator grants it; that person alone is shown the secret, once (`fetched_at`), and only its hash is kept.
    Until then `sha256` is empty and it opens nothing.
    """

    called = models.CharField(max_length=100)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    purpose = models.CharField(max_length=20, choices=For.choices)
    granted_by = models.CharField(max_length=150)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, unique=True, null=True)
    fetched_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=150, blank=True, default="")
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-granted_at", "-pk"]

    def __str__(self) -> str:
        return self.called

    @classmethod
    def opened_by(cls, secret: str, at: datetime) -> "Token | None":
        """The token whose secret this is, where it is good at a moment, agreements and its person apart."""
        found = cls.objects.select_related("person__agency").filter(sha256=digest_of(secret)).first()
        return found if found is not None and found.is_open(at) else None

    def is_open(self, at: datetime) -> bool:
        """Whether it lets a program in at a moment, agreements and its person's account apart."""
        return self.sha256 is not None and self.revoked_at is None and at < self.expires_at

    def state(self, at: datetime) -> str:
        """Why it lets a program in, or does not, in a few words."""
        if self.revoked_at is not None:
            return "revoked"
        if at >= self.expires_at:
            return "expired"
        if not self.person.may_enter(at):
            return "stopped: the account that answers for it is not open"
        return "open" if self.sha256 is not None else "waits to be fetched"


def digest_of(secret: str) -> str:
    """What is kept of a secret. It is long and random, so that one plain hash will do."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Allowance(models.Model):
    """How often somebody asked within one stretch of time; see limits.py."""

    key = models.CharField(max_length=64, primary_key=True)
    stretch = models.BigIntegerField()
    used = models.IntegerField()
