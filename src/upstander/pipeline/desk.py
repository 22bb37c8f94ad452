"""What every job works with. The command or the site puts it together once and hands it over."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from upstander.pipeline.home import Home, Who
from upstander.sharing import AgreementRegister, AuditLog
from upstander.vault import Keyring, MasterKey, Vault
from upstander.warehouse import Warehouse, engine_maker


@dataclass(frozen=True)
class Desk:
    """A home, the agreements and audit log it answers to, its key, the person at work, and the clock (aware UTC)."""

    home: Home
    register: AgreementRegister
    audit: AuditLog
    key: MasterKey
    who: Who
    now: Callable[[], datetime]

    @property
    def vault(self) -> Vault:
        """Sealed raw bytes."""
        return Vault(self.home.root, self.key)

    @property
    def keyring(self) -> Keyring:
        """Identity keys by epoch."""
        return Keyring(self.home.root, self.key)

    @property
    def warehouse(self) -> Warehouse:
        """Readings, on the engine that the home's settings name."""
        settings = self.home.settings
        return Warehouse(self.home.root, engine_maker(settings.engine, spark_master=settings.spark_master))

    def asking(self, **changed: object) -> "Desk":
        """The same desk with another person, agency, purpose or reason at it."""
        return replace(self, who=self.who.model_copy(update={k: v for k, v in changed.items() if v is not None}))
