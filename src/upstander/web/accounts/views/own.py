"""One's own account: how one proves who one is, on which devices one is signed in, what is kept from one."""

from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from upstander.errors import WrongUsage
from upstander.web import pages
from upstander.web.accounts import actions, adapters, factors, marks, throttling, trail
from upstander.web.accounts.forms import ConflictForm, FactorForm, PasskeyForm
from upstander.web.accounts.models import Conflict
from upstander.web.accounts.qr import qr_path
from upstander.web.accounts.views.answering import person_of, with_form


def account(request: HttpRequest) -> HttpResponse:
    """Who the partnership holds you to be, and where you are signed in."""
    person = person_of(request)
    held = Authenticator.objects.filter(user=person).order_by("pk")
    context = {
        "has_app": any(one.type == Authenticator.Type.TOTP for one in held),
        "passkeys": [one for one in held if one.type == Authenticator.Type.WEBAUTHN],
        "codes_left": next((len(one.wrap().get_unused_codes()) for one in held if _is_paper(one)), 0),
        "devices": person.devices.all(),
        "this_device": request.session.session_key,
        "conflicts": person.conflicts.filter(ended_at=None),
    }
    return render(request, "accounts/account.html", context)


def first_factor(request: HttpRequest) -> HttpResponse:
    """Choose the first way to prove it is you: the end of setting up."""
    return _app(request, is_first=True)


def authenticator_app(request: HttpRequest) -> HttpResponse:
    """Change to another app or phone: the former one counts until the new one has shown a code."""
    return _app(request, is_first=False)


def _app(request: HttpRequest, *, is_first: bool) -> HttpResponse:
    person, at = person_of(request), timezone.now()
    secret = request.session.get(SECRET_SESSION_KEY)
    if not isinstance(secret, str):
        secret = request.session[SECRET_SESSION_KEY] = generate_totp_secret()
    form = FactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        attempt = throttling.begin(throttling.Tried.CODE, throttling.subject_of(request, person.handle, person), at)
        if attempt is None:
            return pages.told(request, 429)
        step = factors.totp_step(secret, form.cleaned_data["code"], at)
        if step is not None:
            attempt.delete()
            del request.session[SECRET_SESSION_KEY]
            made = factors.put_totp(person, secret, step)
            return _factor_added(request, made, is_first=is_first)
        form.add_error("code", "That code is not right. Check that your phone's clock is right, and enter the next one")
    url = mfa_adapter().build_totp_url(person, secret)
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    context = {"secret": spaced, "url": url, "qr": qr_path(url), "is_first": is_first}
    if is_first:
        context["passkey_form"] = PasskeyForm()
        context["passkey_options"] = webauthn.begin_registration(person, passwordless=False)
    return with_form(request, "accounts/authenticator_app.html", form, **context)


def first_passkey(request: HttpRequest) -> HttpResponse:
    """The first factor is a passkey."""
    return _passkey(request, is_first=True)


def add_passkey(request: HttpRequest) -> HttpResponse:
    """One more passkey."""
    return _passkey(request, is_first=False)


def _passkey(request: HttpRequest, *, is_first: bool) -> HttpResponse:
    person = person_of(request)
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        credential = form.cleaned_data["credential"]
        try:
            webauthn.parse_registration_response(credential)
            webauthn.complete_registration(credential)
        except ValidationError:
            form.add_error(None, "The passkey did not answer as it should. Try again")
        else:
            made = factors.put_passkey(person, form.cleaned_data["name"], credential)
            return _factor_added(request, made, is_first=is_first)
    options = webauthn.begin_registration(person, passwordless=False)
    return with_form(request, "accounts/passkey.html", form, passkey_options=options, is_first=is_first)


def _factor_added(request: HttpRequest, made: Authenticator, *, is_first: bool) -> HttpResponse:
    person, at = person_of(request), timezone.now()
    trail.note("add second factor", person, at, why=made.type)
    if not is_first:
        return HttpResponseRedirect(reverse("account"))
    actions.accept(person, at)
    post_authentication(request, made)
    marks.end_set_up(request, at)
    codes = factors.new_recovery_codes(person)
    response = render(request, "accounts/recovery_codes.html", {"codes": codes})
    adapters.remember(request, response, person, at)
    return response


def remove_passkey(request: HttpRequest, number: int) -> HttpResponse:
    """Remove a passkey; the last factor stays."""
    person = person_of(request)
    if not factors.drop_passkey(person, number):
        raise Http404
    trail.note("remove second factor", person, timezone.now(), why="webauthn")
    return HttpResponseRedirect(reverse("account"))


def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new codes for paper, shown once."""
    person = person_of(request)
    if request.method != "POST":
        return render(request, "accounts/recovery_codes.html", {"codes": None})
    codes = factors.new_recovery_codes(person)
    trail.note("make recovery codes", person, timezone.now())
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


def end_device(request: HttpRequest, number: int) -> HttpResponse:
    """Sign out on one other device."""
    if not actions.end_session(person_of(request), number, timezone.now()):
        raise Http404
    return HttpResponseRedirect(reverse("account"))


def end_other_devices(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    person = person_of(request)
    ended = actions.end_sessions(person, but=request.session.session_key or "")
    trail.note("sign out everywhere", person, timezone.now(), why=f"{ended} sessions")
    return HttpResponseRedirect(reverse("account"))


def conflict(request: HttpRequest) -> HttpResponse:
    """Say what must be kept from you."""
    form = ConflictForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind = Conflict.Kind(form.cleaned_data["kind"])
        try:
            actions.declare_conflict(person_of(request), kind, form.cleaned_data["value"], timezone.now())
            return HttpResponseRedirect(reverse("account"))
        except WrongUsage as why:
            form.add_error("value", f"Enter an area's key, {why.expected}")
    return with_form(request, "accounts/conflict.html", form)


def _is_paper(one: Authenticator) -> bool:
    return bool(one.type == Authenticator.Type.RECOVERY_CODES)
