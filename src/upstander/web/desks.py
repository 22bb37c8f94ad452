"""The desk at which a page or a job of the site works: the home that is served, and the person who asks."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from upstander.contracts.asking import Purpose
from upstander.pipeline.desk import Desk
from upstander.pipeline.home import Who
from upstander.vault import BadShare, KeyChanged, MasterKey, NoKey, UnsafeKey, WrongKey, master_key, refuse_stale
from upstander.web.accounts.models import Person
from upstander.web.opened import Opened, opened

WITHOUT_KEY = (BadShare, NoKey, UnsafeKey, WrongKey)  # what is raised where there is no key to be had


def desk_of(person: Person, *, purpose: Purpose, why: str) -> Desk:
    """The desk of somebody, for a purpose and a reason that the audit log will hold.

    Raises what `master_key` raises where the home's key is not to be found.
    """
    here = opened()
    who = Who(person=person.handle, agency=person.agency_id or "", purpose=purpose, why=why)
    key = _key_in_force(here)
    return Desk(
        home=here.home, register=here.register, audit=here.audit, key=key, who=who, now=lambda: datetime.now(UTC)
    )


def _key_in_force(here: Opened) -> MasterKey:
    """The key that was found before, or the new one where the home's key was changed since."""
    words = here.home.root, here.home.key_file, tuple(sorted(here.environ.items()))
    try:
        refuse_stale(here.home.root, found := _key(*words))
    except KeyChanged:
        _key.cache_clear()
        return _key(*words)
    return found


@lru_cache(maxsize=1)
def _key(root: Path, setting: Path | None, environ: tuple[tuple[str, str], ...]) -> MasterKey:
    """The home's key, found once a process."""
    return master_key(root, create=False, environ=dict(environ), setting=setting)
