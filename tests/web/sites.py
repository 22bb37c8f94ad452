"""A site of one home in this process: people of every role, and browsers without a browser (Django's test client)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

from upstander.pipeline.home import Settings, make_home
from upstander.pipeline.home import Site as SiteSettings
from upstander.vault import master_key
from upstander.web.accounts.roles import GIVEN, Role

ADDRESS = "localhost"
PASSWORD = "four plain words together"
UNHURRIED = Settings(site=SiteSettings(pages_a_minute=1_000_000))  # a test opens more pages than anybody reads
FAR = datetime(2036, 1, 1, tzinfo=UTC)


@dataclass
class Member:
    """Somebody with an account, and what they know and hold."""

    person: Any
    password: str = PASSWORD
    secret: str = ""
    codes: list[str] = field(default_factory=list)

    @property
    def handle(self) -> str:
        return str(self.person.handle)


class Site:
    """The site of a home in a folder."""

    def __init__(self, folder: Path, environ: Mapping[str, str], settings: Settings | None = None) -> None:
        self.home = folder / "home"
        made = make_home(self.home, settings or UNHURRIED)
        own_key = {} if made.key_file else {"UPSTANDER_KEY_FILE": str(folder / "key")}
        self.environ = {**environ, "UPSTANDER_SITE_SECRET_FILE": str(folder / "site-secret"), **own_key}
        master_key(self.home, create=True, environ=self.environ, setting=made.key_file)
        self._made = 0
        self.open()

    def open(self) -> None:
        """Serve this home from here on."""
        from upstander.web.site import open_site

        self.opened = open_site(self.home, environ=self.environ)
        from django.conf import settings as django_settings

        django_settings.ALLOWED_HOSTS = [*django_settings.ALLOWED_HOSTS, "testserver"]

    def browser(self, **words: Any) -> Any:
        """A new browser: no cookie, HTTPS."""
        from django.test import Client

        return Client(headers={"host": ADDRESS}, raise_request_exception=False, **words)

    def agency(self, slug: str = "vrn") -> Any:
        from upstander.web.accounts.models import Agency

        return Agency.objects.get_or_create(slug=slug, defaults={"name": slug.upper(), "kind": "network"})[0]

    def member(self, *roles: Role, agency: str = "vrn", until: datetime = FAR, factor: bool = True) -> Member:
        """Somebody who has finished setting up, long ago. The password is hashed once a process."""
        from upstander.web.accounts import factors
        from upstander.web.accounts.models import Person

        self._made += 1
        person = Person.objects.create(
            handle=f"p{self._made}", name=f"Person {self._made}", agency=self.agency(agency), password=_hashed(),
            roles=[str(role) for role in roles], vetting="nppv2", vetted_until=until,
        )  # fmt: skip
        if not factor:
            return Member(person)
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        factors.put_totp(person, secret, -1)
        return Member(person, secret=secret, codes=factors.new_recovery_codes(person))

    def one_of_each(self) -> dict[Role, Member]:
        return {role: self.member(role) for role in GIVEN}

    def sign_in(self, browser: Any, member: Member, *, password: str = PASSWORD, code: str = "", back: str = "") -> Any:
        """As a person does: name and password, then a code. Gives the last answer."""
        said = {"handle": member.handle, "password": password}
        first = browser.post(f"/sign-in/{'?next=' + back if back else ''}", said, secure=True)
        if first.status_code != 302 or first["Location"] != "/sign-in/code/":
            return first
        return browser.post("/sign-in/code/", {"code": code or code_now(member)}, secure=True)

    def inside(self, member: Member, at: datetime | None = None) -> Any:
        """A browser in which somebody is signed in, without the trouble of signing in."""
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore
        from django.utils import timezone

        moment = (at or timezone.now()).timestamp()
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(member.person.pk), member.person.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "upstander.web.accounts.adapters.Backend"
        session["began"] = session["seen"] = session["stepped_up"] = moment
        with time_machine.travel(moment, tick=False):
            session.save()  # its end counts from then
        browser = self.browser()
        browser.cookies["__Host-session"] = session.session_key
        return browser

    def actions(self) -> list[tuple[str, str, str]]:
        """Who did what, and how it ended, as the audit log has it."""
        return [(one.event.person, one.event.action, one.event.answer) for one in self.opened.audit.entries()]


def code_now(member: Member, *, steps: int = 0) -> str:
    """What the member's app shows now, or some steps of 30 seconds later."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
    from django.utils import timezone

    return str(format_hotp_value(hotp_value(member.secret, int(timezone.now().timestamp()) // 30 + steps)))


def secret_on(page: str) -> str:
    """The key that the set-up page shows."""
    return re.findall(r'class="up-key">([A-Z2-7 ]+)<', page)[0].replace(" ", "")


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


_hash: list[str] = []


def _hashed() -> str:
    from django.contrib.auth.hashers import make_password

    if not _hash:
        _hash.append(make_password(PASSWORD))
    return _hash[0]
