"""Makes the databases of an earlier schema that lie beside this file, each as the SQL that restores it.

    git worktree add ../earlier COMMIT
    PYTHONPATH=../earlier/src:tests .venv/bin/python tests/web/earlier/make.py COMMIT

It is run with the code of that commit, once; the files are not made anew. What is in them is written out below: two
people of two agencies, one with a second factor and one closed, a conflict, a signed agreement with a decision about
it, its lines in the audit log, and a reading in the index.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from upstander.pipeline.home import make_home
from upstander.web.store import DATABASE_VARIABLE, Store, configure, open_store

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 27, 9, 30, 15, 123_456, tzinfo=UTC)


def fill(store: Store) -> None:
    """Some of everything that is kept."""
    import tomli_w
    from allauth.mfa.models import Authenticator
    from django.db import connections

    from sharing.county import terms_as_sent
    from upstander.sharing import ActKind, AuditEvent, Decision
    from upstander.web.accounts.models import Agency, Attempt, Conflict, Invitation, Person
    from upstander.web.deliveries.models import Reading

    use = store.alias
    for slug in ("police", "vrn"):
        Agency.objects.using(use).create(slug=slug, name=slug.title(), kind="police" if slug == "police" else "network")
    person = Person.objects.using(use).create(
        handle="r.tarrant",
        name="Robin Tarrant",
        agency_id="police",
        roles=["data_owner"],
        vetting="nppv2",
        vetted_until=NOW.replace(year=2036),
        password="scrypt$none",
    )
    closed = Person.objects.using(use).create(
        handle="k.dunmore",
        name="Kit Dunmore",
        agency_id="vrn",
        roles=["analyst", "tasking"],
        is_active=False,
        disabled_at=NOW,
    )
    Conflict.objects.using(use).create(person=person, kind="area", value="ward24:F05000123", declared_at=NOW)
    Authenticator.objects.using(use).create(user=person, type="totp", data={"secret": "sealed", "last_step": 7})
    Invitation.objects.using(use).create(person=closed, sha256="ab" * 32, made_at=NOW, expires_at=NOW)
    Attempt.objects.using(use).create(key="cd" * 32, at=NOW)
    store.register.sign(tomli_w.dumps(terms_as_sent()).encode(), person="M. Ashdown", at=NOW)
    store.register.act(Decision(ActKind.SUSPENDED, "pact", "M. Ashdown", NOW, "the pilot is over"))
    for number in range(3):
        store.audit.append(
            AuditEvent(
                NOW,
                "r.tarrant",
                "police",
                "stewardship",
                "police_incidents",
                ("rms",),
                ("offence_code",),
                f"deliver {number}",
                "done",
                "a month",
                "pact",
                number,
            )
        )
    Reading.objects.using(use).create(**_reading(Reading))
    connections[use].close()


def _reading(model: type) -> Mapping[str, object]:
    """A value for every column of the index, whatever columns there are."""
    by_kind = {
        "CharField": "abcdefgh",
        "TextField": "words",
        "JSONField": [],
        "DateField": date(2026, 7, 1),
        "DateTimeField": NOW,
        "BooleanField": True,
    }
    return {one.name: by_kind.get(one.get_internal_type(), 7) for one in model._meta.fields}


def main(commit: str) -> None:
    """Both files of a commit."""
    configure()
    from web import postgres

    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)
        home = Path(tempfile.mkdtemp()) / "home"
        make_home(home)
        fill(open_store(home, environ={}))
        lines = sqlite3.connect(home / "upstander.sqlite3").iterdump()
        (HERE / f"{commit}.sqlite.sql").write_text("\n".join(lines) + "\n", "utf-8")
        where = postgres.programs()
        assert where is not None
        server = postgres.Server(Path(folder), where)
        address = server.address("earlier")
        fill(open_store(home, environ={DATABASE_VARIABLE: address}))
        words = [where / "pg_dump", "-h", folder, "-U", "upstander", "--inserts", "--no-owner", "earlier"]
        said = subprocess.run(words, check=True, capture_output=True, text=True, env=os.environ).stdout
        # What older servers do not know, and what only newer clients write, matters to no row.
        kept = [line for line in said.splitlines() if not line.startswith(("SET ", "\\", "--"))]
        (HERE / f"{commit}.postgresql.sql").write_text("\n".join(kept) + "\n", "utf-8")
        server.stop()


if __name__ == "__main__":
    main(sys.argv[1])
