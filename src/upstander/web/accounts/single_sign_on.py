"""Signing in through one's own agency (OpenID Connect, SAML). It stands for the password, never for the second factor.

Nobody gets an account by it: whoever comes must have been invited here under the address that their agency vouches for.
"""

from typing import TYPE_CHECKING

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone

from upstander.web.accounts import permissions as may
from upstander.web.accounts import trail
from upstander.web.accounts.models import Person
from upstander.web.routes import route

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin  # which cannot be loaded where single sign-on is not


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth's own types are partial
    """Whom an agency's word lets in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: "SocialLogin") -> bool:  # noqa: ARG002 - allauth's
        """Nobody signs up."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: "SocialLogin") -> None:
        """Find the one person with a verified address of theirs; refuse everybody else in the same words."""
        if sociallogin.is_existing:
            return
        verified = [one.email for one in sociallogin.email_addresses if one.verified and one.email]
        found = [one for address in verified for one in Person.objects.filter(email__iexact=address)]
        if len(found) != 1:
            trail.note("sign in", "", timezone.now(), answer="refused", why="nobody was invited under that address")
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_inactive")))
        sociallogin.connect(request, found[0])


def agencies() -> list[tuple[str, str]]:
    """The agencies that vouch for their own people: what each is called, and where signing in through it begins."""
    asked = {"openid_connect": ("openid_connect_login", "provider_id"), "saml": ("saml_login", "client_id")}
    return [
        (str(one.get("name", one[key])), reverse(name, args=[one[key]]))
        for kind, said in getattr(settings, "SOCIALACCOUNT_PROVIDERS", {}).items()
        for name, key in [asked[kind]]
        for one in said["APPS"]
    ]


def routes() -> list[URLPattern]:
    """The addresses that a provider comes back to, for the kinds that this installation names."""
    found: list[URLPattern] = []
    if apps.is_installed("allauth.socialaccount.providers.openid_connect"):
        from allauth.socialaccount.providers.openid_connect import views as oidc

        there = "sign-in/oidc/<str:provider_id>/"
        found += [
            route(there, oidc.login, name="openid_connect_login", needs=may.READ_PUBLIC, methods=("GET", "POST")),
            route(there + "callback/", oidc.callback, name="openid_connect_callback", needs=may.READ_PUBLIC),
        ]
    if apps.is_installed("allauth.socialaccount.providers.saml"):
        from allauth.socialaccount.providers.saml import views as saml

        there = "sign-in/saml/<str:organization_slug>/"
        found += [
            route(there, saml.login, name="saml_login", needs=may.READ_PUBLIC, methods=("GET", "POST")),
            route(there + "acs/", saml.acs, name="saml_acs", needs=may.READ_PUBLIC, methods=("POST",)),
            route(there + "acs/finish/", saml.finish_acs, name="saml_finish_acs", needs=may.READ_PUBLIC),
            route(there + "metadata/", saml.metadata, name="saml_metadata", needs=may.READ_PUBLIC),
        ]
    return found
