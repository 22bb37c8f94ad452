"""Agencies and people: who may sign in, as what, until when; and what is kept from whom."""

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from upstander.web.accounts.roles import Role


class Agency(models.Model):
    """One agency of the partnership, under the short name that agreements use."""

    slug = models.SlugField(primary_key=True, max_length=80)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class People(BaseUserManager["Person"]):
    """Finds people by the name they sign in with."""


class Vetting(models.TextChoices):
    """How somebody was vetted, by the names that UK police and government use."""

    NONE = "none", "Not vetted"
    BPSS = "bpss", "Baseline personnel security standard (BPSS)"
    NPPV1 = "nppv1", "Non-police personnel vetting, level 1"
    NPPV2 = "nppv2", "Non-police personnel vetting, level 2"
    NPPV3 = "nppv3", "Non-police personnel vetting, level 3"
    SC = "sc", "Security check (SC)"


class Person(AbstractBaseUser):
    """Somebody who works for an agency. `handle` is what the audit log and agreements call them.

    `roles` are words of `Role`. Access ends at `vetted_until` (aware UTC); empty: never vetted, so no access.
    """

    handle = models.CharField(max_length=150, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True, default="")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    roles = models.JSONField(default=list, blank=True)
    vetting = models.CharField(max_length=10, choices=Vetting.choices, default=Vetting.NONE)
    vetted_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    disabled_at = models.DateTimeField(null=True, blank=True)

    objects = People()

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def has_roles(self) -> frozenset[Role]:
        """The roles; a word that is none of ours counts for nothing."""
        return frozenset(Role(word) for word in self.roles if word in set(Role)) - {Role.PUBLIC}

    @property
    def role_titles(self) -> list[str]:
        """The roles in the words of a page, in the order in which the partnership names them."""
        return [role.called for role in Role if role in self.has_roles]

    def may_enter(self, at: datetime) -> bool:
        """Whether the account is open at a moment: not disabled, agency open, vetting in date."""
        is_vetted = self.vetted_until is not None and at < self.vetted_until
        return self.is_active and self.agency is not None and self.agency.is_active and is_vetted

    def state(self, at: datetime) -> str:
        """Why they may enter, or may not, in a word or two."""
        if not self.is_active:
            return "closed"
        if not self.has_usable_password():
            return "invited"
        return "open" if self.may_enter(at) else "vetting ended"


class Invitation(models.Model):
    """A link by which one person sets up how they sign in, once, until it expires. Only the link's hash is kept."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="invitation")
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class Conflict(models.Model):
    """What somebody declared that they must not see: an area by its key, or a person by a token. Never removed."""

    class Kind(models.TextChoices):
        """What is kept from them."""

        AREA = "area", "an area"
        PERSON = "person", "a person"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="conflicts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=200)
    declared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["-declared_at", "-pk"]


class Device(models.Model):
    """A browser somebody is signed in with: one session. What a person sees when they ask where they are signed in."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField()
    agent = models.CharField(max_length=300)
    since = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-since", "-pk"]


class Attempt(models.Model):
    """One try at a password or a code that was not right, or is being looked at. See throttling.py."""

    key = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)
