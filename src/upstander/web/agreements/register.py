"""The register of agreements over the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter

from django.db import transaction

from upstander.sharing import KeptAgreements, Stored
from upstander.web.agreements.models import Act, Version
from upstander.web.reaching import hold_other_writers, reaching


class DatabaseAgreements(KeptAgreements):
    """The agreements in one database."""

    def __init__(self, alias: str) -> None:
        self._alias = alias

    def stored(self) -> tuple[Stored, ...]:
        """Every version as it is kept. One question to the database: every page asks it."""
        found = Version.objects.using(self._alias).order_by("name", "version", "acts__number")
        with reaching(self._alias):
            rows = list(found.values_list("name", "version", "content", "signature", "acts__record"))
        return tuple(
            Stored(name, version, bytes(content), bytes(signature), tuple(bytes(row[4]) for row in acts if row[4]))
            for (name, version, content, signature), acts in groupby(rows, itemgetter(0, 1, 2, 3))
        )

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
