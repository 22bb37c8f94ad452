"""The register of agreements over the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from upstander.sharing import KeptAgreements, Stored
from upstander.web.agreements.models import Act, Version
from upstander.web.reaching import hold_other_writers, reaching


class DatabaseAgreements(KeptAgreements):
    """The agreements in one database."""

    def __init__(self, alias: str) -> None:
        self._alias = alias

    def stored(self) -> tuple[Stored, ...]:
        """Every version as it is kept."""
        with reaching(self._alias):
            versions = list(Version.objects.using(self._alias).prefetch_related("acts"))
        return tuple(
            Stored(one.name, one.version, bytes(one.content), bytes(one.signature),
                   tuple(bytes(act.record) for act in one.acts.all()))
            for one in versions
        )  # fmt: skip

    @contextmanager
    def alone(self) -> Iterator[None]:
        """In one transaction, begun as a writing one; what it kept is on the disk when it ends."""
        with reaching(self._alias), transaction.atomic(using=self._alias):
            hold_other_writers(self._alias, Version)
            yield

    def keep_signed(self, stored: Stored) -> None:
        """One row a version."""
        Version.objects.using(self._alias).create(
            name=stored.name, version=stored.version, content=stored.content, signature=stored.signature
        )

    def keep_act(self, stored: Stored, number: int, record: bytes) -> None:
        """One row a decision."""
        of = Version.objects.using(self._alias).get(name=stored.name, version=stored.version)
        Act.objects.using(self._alias).create(of=of, number=number, record=record)
