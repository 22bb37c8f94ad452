"""What we change in django-allauth: who may sign in, where that leads, and how the seeds of codes are kept."""

import base64
from datetime import datetime

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from upstander.web.accounts import actions, factors, marks, throttling, trail
from upstander.web.accounts.models import Person
from upstander.web.opened import opened

STAGE = "allauth.mfa.stages.AuthenticateStage"


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth's own types are partial
    """Finds people with their agency, since every request asks about both."""

    def get_user(self, user_id: int) -> Person | None:
        """The person, while their account is not disabled."""
        found = Person.objects.select_related("agency").filter(pk=user_id).first()
        return found if found is not None and found.is_active else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth's own types are partial
    """Signing in with a password, then with a second factor, always."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Nobody signs up: people are invited."""
        return False

    def get_login_stages(self) -> list[str]:
        """What comes between the password and the site."""
        return [STAGE]

    def pre_login(
        self,
        request: HttpRequest,  # noqa: ARG002 - allauth's signature
        user: Person,
        **words: object,  # noqa: ARG002 - allauth's signature
    ) -> HttpResponse | None:
        """Refuse whoever may not enter, and whoever has no second factor: they have to be invited again."""
        if user.may_enter(timezone.now()) and factors.has_factor(user):
            return None
        trail.note("sign in", user, timezone.now(), answer="refused", why="the account is not open")
        return HttpResponseRedirect(reverse("account_inactive"))

    def post_login(self, request: HttpRequest, user: Person, **words: object) -> HttpResponse:
        """They are in: mark the session and the browser, and write it down first."""
        at = timezone.now()
        trail.note("sign in", user, at, why=" and ".join(marks.shown(request)))
        marks.begin(request, at)
        response: HttpResponse = super().post_login(request, user, **words)
        remember(request, response, user, at)
        return response

    def add_message(self, *words: object, **named: object) -> None:
        """No messages: each page says what happened."""

    def send_mail(self, *words: object, **named: object) -> None:
        """No mail: the network may have no mail server, and mail is no place for any of this."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth's own types are partial
    """Seeds of codes lie encrypted in the database, under the site's own secret, which lies outside the home."""

    def get_totp_issuer(self) -> str:
        """What the person's app writes above the code."""
        return f"Upstander, {opened().home.settings.network}"

    def encrypt(self, text: str) -> str:
        """As it lies in the database."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """As it is used."""
        return _box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: object) -> bool:  # noqa: ARG002 - allauth's signature
        """Never by allauth: only factors.py removes one, and never the last."""
        return False


def remember(request: HttpRequest, response: HttpResponse, person: Person, at: datetime) -> None:
    """Put the browser among the person's devices, and mark it as one they have signed in with."""
    if not request.session.session_key:
        request.session.save()
    address, agent = DefaultAccountAdapter().get_client_ip(request), request.headers.get("User-Agent", "")
    actions.begin_device(person, str(request.session.session_key), address, agent, at)
    throttling.remember_device(request, response, person)


def _box() -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"upstander|second factors").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))
