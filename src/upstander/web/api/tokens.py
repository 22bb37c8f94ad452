"""Pages about tokens: an administrator grants and revokes them, and who answers for one fetches and revokes it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from upstander.errors import WrongUsage
from upstander.web import pages
from upstander.web.accounts.views.answering import person_of, with_form
from upstander.web.api import actions
from upstander.web.api.forms import TokenForm
from upstander.web.api.models import For, Token


def tokens(request: HttpRequest) -> HttpResponse:
    """Every token there is, and its state."""
    at = timezone.now()
    found = [(one, one.state(at)) for one in Token.objects.select_related("person__agency")]
    return render(request, "api/tokens.html", {"tokens": found})


def grant(request: HttpRequest) -> HttpResponse:
    """Grant a token."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.grant(
                said["called"], said["person"], For(said["purpose"]), form.ends, person_of(request), timezone.now()
            )
            return HttpResponseRedirect(reverse("tokens"))
        except WrongUsage as why:
            form.add_error(why.where, f"Expected: {why.expected}")
    return with_form(request, "api/grant.html", form)


def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Revoke a token: ask first."""
    token = get_object_or_404(Token.objects.select_related("person"), pk=number)
    return _revoke(request, token, back="tokens")


def own_tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that one answers for."""
    at = timezone.now()
    found = [(one, one.state(at)) for one in Token.objects.filter(person=person_of(request)).select_related("person")]
    return render(request, "api/own_tokens.html", {"tokens": found})


def fetch(request: HttpRequest, number: int) -> HttpResponse:
    """Show the secret of one's token, once."""
    person = person_of(request)
    token = Token.objects.filter(pk=number, person=person).first()
    secret = actions.fetch(number, person, timezone.now()) if token else None
    if secret is None:
        return pages.absent(request)
    return render(request, "api/fetched.html", {"token": token, "secret": secret})


def revoke_own(request: HttpRequest, number: int) -> HttpResponse:
    """Revoke a token that one answers for: ask first."""
    token = get_object_or_404(Token.objects.select_related("person"), pk=number, person=person_of(request))
    return _revoke(request, token, back="own_tokens")


def _revoke(request: HttpRequest, token: Token, *, back: str) -> HttpResponse:
    if request.method == "POST":
        actions.revoke(token, person_of(request), timezone.now())
        return HttpResponseRedirect(reverse(back))
    return render(request, "api/revoke.html", {"token": token, "back": reverse(back)})
