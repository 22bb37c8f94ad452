"""Everybody's accounts, for an administrator: who there is, invitations, roles, closing. No data about anybody else."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from upstander.errors import WrongUsage
from upstander.web.accounts import actions
from upstander.web.accounts.forms import AccountForm, AgencyForm, InviteForm, last_day
from upstander.web.accounts.models import Agency, Person
from upstander.web.accounts.views.answering import person_of, with_form


def people(request: HttpRequest) -> HttpResponse:
    """Who has an account, and in what state it is."""
    at = timezone.now()
    found = [(one, one.state(at)) for one in Person.objects.select_related("agency").order_by("name", "pk")]
    return render(request, "accounts/people.html", {"people": found, "agencies": Agency.objects.order_by("name")})


def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody. The link is shown once, to be handed over by a way that is not this one."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made, token = actions.invite(
                said["handle"].strip().lower(), said["name"], said["agency"], said["roles"], form.vetted,
                person_of(request), timezone.now(), email=said["email"],
            )  # fmt: skip
        except WrongUsage as why:
            form.add_error("roles" if why.where == "roles" else "handle", f"Expected: {why.expected}")
        else:
            return _link(request, made, token)
    return with_form(request, "accounts/invite.html", form)


def one_person(request: HttpRequest, number: int) -> HttpResponse:
    """One account."""
    person = get_object_or_404(Person.objects.select_related("agency"), pk=number)
    context = {"shown": person, "state": person.state(timezone.now()), "is_own": person.pk == person_of(request).pk}
    return render(request, "accounts/person.html", context)


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Roles and vetting of one account."""
    person = get_object_or_404(Person, pk=number)
    held = {"roles": person.roles, "vetting": person.vetting, "vetted_until": last_day(person.vetted_until)}
    form = AccountForm(request.POST or None, initial=held)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(person, form.cleaned_data["roles"], form.vetted, person_of(request), timezone.now())
            return HttpResponseRedirect(reverse("person", args=[number]))
        except WrongUsage as why:
            form.add_error("roles", f"Expected: {why.expected}")
    return with_form(request, "accounts/change.html", form, shown=person)


def close(request: HttpRequest, number: int) -> HttpResponse:
    """Close an account: ask first."""
    person = get_object_or_404(Person, pk=number)
    if request.method == "POST" and person.pk != person_of(request).pk:
        actions.close(person, person_of(request), timezone.now())
        return HttpResponseRedirect(reverse("person", args=[number]))
    return render(request, "accounts/close.html", {"shown": person})


def invite_again(request: HttpRequest, number: int) -> HttpResponse:
    """Begin anew with somebody: ask first, then show the link once."""
    person = get_object_or_404(Person, pk=number)
    if request.method == "POST":
        begin = actions.invite_again if person.is_active else actions.reopen
        return _link(request, person, begin(person, person_of(request), timezone.now()))
    return render(request, "accounts/invite_again.html", {"shown": person})


def add_agency(request: HttpRequest) -> HttpResponse:
    """One more agency."""
    form = AgencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_agency(form.cleaned_data["slug"], form.cleaned_data["name"], person_of(request), timezone.now())
            return HttpResponseRedirect(reverse("people"))
        except WrongUsage as why:
            form.add_error("slug", f"Expected: {why.expected}")
    return with_form(request, "accounts/agency.html", form)


def _link(request: HttpRequest, person: Person, token: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("open_invitation", args=[token]))
    return render(request, "accounts/invited.html", {"shown": person, "link": link, "days": actions.VALID_FOR.days})
