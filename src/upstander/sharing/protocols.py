"""What the pipeline asks of whoever remembers agreements and audit entries: files now, a database later."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from upstander.sharing.agreement import Agreement
from upstander.sharing.audit import AuditEntry, AuditEvent, AuditFault, AuditHead, AuditSearch
from upstander.sharing.records import Decision, Stored


class AgreementRegister(Protocol):
    """Where agreements are remembered."""

    def agreements(self, at: datetime) -> Sequence[Agreement]:
        """For each name the version that governs at `at` (aware UTC), and every one with a fault, which says so."""
        ...

    def all(self) -> Sequence[Agreement]:
        """Every version of every agreement."""
        ...

    def sign(self, content: bytes, *, person: str, at: datetime) -> Agreement:
        """Put a version in force. Signing the same terms again changes nothing. Raises BadAgreement."""
        ...

    def stored(self) -> Sequence[Stored]:
        """Every version as it is kept: bytes that vouch for themselves."""
        ...

    def follow(self, kept: Sequence[Stored]) -> int:
        """Take in what another copy of this register has and this one has not; how many records."""
        ...

    def act(self, decision: Decision) -> Agreement:
        """End, suspend, resume or withdraw. What was decided before changes nothing. Raises WrongUsage."""
        ...


class AuditLog(Protocol):
    """Where every answer is written down."""

    def append(self, event: AuditEvent) -> AuditEntry:
        """Write one entry. It is on the disk when this returns. Raises TryAgain if not, and the caller stops."""
        ...

    def append_all(self, events: Sequence[AuditEvent]) -> Sequence[AuditEntry]:
        """Write entries one after another, all of them or none. Raises TryAgain."""
        ...

    def entries(self) -> Iterator[AuditEntry]:
        """Every entry, first to last."""
        ...

    def search(self, wanted: AuditSearch) -> Iterator[AuditEntry]:
        """Entries like these, newest first."""
        ...

    def lines(self) -> Iterator[bytes]:
        """The chain as canonical JSON lines, for whoever keeps or checks a copy of it."""
        ...

    def head(self) -> AuditHead | None:
        """The last entry, to be kept elsewhere; None for an empty log."""
        ...

    def verify(self, heads: Iterable[AuditHead] = ()) -> AuditFault | None:
        """The first entry that is not as it was written; None if all are, and every one of `heads` is among them."""
        ...
