"""Signing in: a password, then a second factor; being invited; showing the second factor again; signing out."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as webauthn
from django.apps import apps
from django.contrib.auth import login, logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from upstander.web import pages
from upstander.web.accounts import actions, factors, marks, trail
from upstander.web.accounts.forms import FactorForm, PasswordForm, SignInForm
from upstander.web.accounts.models import Person
from upstander.web.accounts.throttling import Tried, begin, is_known, subject_of
from upstander.web.accounts.views.answering import person_of, with_form

_BACKEND = "upstander.web.accounts.adapters.Backend"
_INVITED = "invited_by"


def sign_in(request: HttpRequest) -> HttpResponse:
    """The first step. A wrong name and a wrong password are told by the same words, after the same work."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("home"))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = _checked_password(request, form)
        if answer is not None:
            return answer
    return with_form(request, "accounts/sign_in.html", form, agencies=_agencies())


def _agencies() -> list[tuple[str, str]]:
    """Those through which one may sign in; none where single sign-on is not loaded."""
    if not apps.is_installed("allauth.socialaccount"):
        return []
    from upstander.web.accounts.single_sign_on import agencies

    return agencies()


def _checked_password(request: HttpRequest, form: SignInForm) -> HttpResponse | None:
    """Where a right password leads; 429 after too many wrong ones; None for a wrong one, which the form then says."""
    at, handle = timezone.now(), form.cleaned_data["handle"].strip().lower()
    named = Person.objects.filter(handle=handle).first()
    tries = [begin(Tried.PASSWORD, subject_of(request, handle, named), at)]
    if not is_known(request, named):
        tries.append(begin(Tried.ADDRESS, get_adapter().get_client_ip(request), at))
    if None in tries:
        return pages.told(request, 429)
    person = get_adapter().authenticate(request, username=handle, password=form.cleaned_data["password"])
    if not isinstance(person, Person):
        trail.note("sign in", named or "", at, answer="refused", why="a wrong password" if named else "a wrong name")
        form.add_error(None, "The sign-in name or the password is not right")
        return None
    for attempt in tries:
        if attempt is not None:
            attempt.delete()
    try:
        coming = Login(user=person, redirect_url=get_next_redirect_url(request))
        answer: HttpResponse = perform_password_login(request, {"username": handle}, coming)
    except ImmediateHttpResponse as at_once:
        answer = at_once.response
    return answer


@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step, after a right password: an app's code, a passkey, or a code from paper."""
    stage = request._login_stage  # type: ignore[attr-defined]  # noqa: SLF001 - put there by the decorator
    return _ask_factor(request, stage.login.user, stage.exit, recovery=True)


def step_up(request: HttpRequest) -> HttpResponse:
    """The second factor once more, before a sensitive room. A code from paper will not do."""

    def go_on() -> HttpResponse:
        return HttpResponseRedirect(get_next_redirect_url(request) or reverse("home"))

    return _ask_factor(request, person_of(request), go_on, recovery=False)


def _ask_factor(
    request: HttpRequest, person: Person, go_on: Callable[[], HttpResponse], *, recovery: bool
) -> HttpResponse:
    form = FactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        attempt = begin(Tried.CODE, subject_of(request, person.handle, person), at)
        if attempt is None:
            return pages.told(request, 429)
        shown = _shown_factor(person, form, recovery=recovery)
        if shown is not None:
            attempt.delete()
            if shown.type != Authenticator.Type.RECOVERY_CODES:
                marks.step_up(request, at)
            post_authentication(request, shown, reauthenticated=not recovery)
            if not recovery:
                trail.note("show second factor", person, at, why=shown.type)
            return go_on()
        trail.note("show second factor", person, at, answer="refused", why="a wrong code or passkey")
        form.add_error("code", "That code is not right, or was used already. Wait for the next one")
    context = {"recovery": recovery, "passkey_options": _passkey_options(person)}
    return with_form(request, "accounts/second_factor.html", form, **context)


def _shown_factor(person: Person, form: FactorForm, *, recovery: bool) -> Authenticator | None:
    if form.cleaned_data.get("credential"):
        try:
            credential = form.cleaned_data["credential"]
            webauthn.parse_authentication_response(credential)
            return webauthn.complete_authentication(person, credential)
        except ValidationError:
            return None
    return factors.accept_code(person, form.cleaned_data["code"], timezone.now(), recovery=recovery)


def _passkey_options(person: Person) -> dict[str, object] | None:
    """What the browser needs to ask a passkey; None for whoever has none."""
    if not Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).exists():
        return None
    options: dict[str, object] = webauthn.begin_authentication(person)
    return options


def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take the secret out of the address at once: it goes into the session, and the address is left behind."""
    logout(request)
    request.session[_INVITED] = token
    return HttpResponseRedirect(reverse("invitation"))


def invitation(request: HttpRequest) -> HttpResponse:
    """Choose a password. The invitation stays good until the first factor is shown, or until it expires."""
    at = timezone.now()
    person = actions.invited_by(str(request.session.get(_INVITED, "")), at)
    if person is None:
        return render(request, "accounts/invitation_over.html", status=404)
    form = PasswordForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        person.set_password(form.cleaned_data["password"])
        person.save(update_fields=["password"])
        login(request, person, backend=_BACKEND)
        marks.begin_set_up(request, at)
        return HttpResponseRedirect(reverse("first_factor"))
    return with_form(request, "accounts/invitation.html", form, invited=person)


def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask, then sign out and let the browser forget what it keeps."""
    if request.method != "POST":
        return render(request, "accounts/sign_out.html")
    trail.note("sign out", person_of(request), timezone.now())
    get_adapter().logout(request)
    response = HttpResponseRedirect(reverse("signed_out"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def signed_out(request: HttpRequest) -> HttpResponse:
    """What is said afterwards."""
    return render(request, "accounts/signed_out.html")


def not_open(request: HttpRequest) -> HttpResponse:
    """The account is not open: whom to ask."""
    return render(request, "accounts/not_open.html", status=403)
