"""Pages about the audit log: searching, checking, reviewing it; and for a data owner, how often their data is read."""

from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from upstander.contracts.asking import Purpose
from upstander.errors import WrongUsage
from upstander.sharing import AuditEntry, AuditSearch, usage
from upstander.web import pages
from upstander.web.accounts import trail
from upstander.web.accounts.views.answering import person_of, with_form
from upstander.web.audit import actions
from upstander.web.audit.forms import PersonForm, ReviewForm, SearchForm
from upstander.web.audit.models import Review, Week
from upstander.web.audit.sentences import sentence
from upstander.web.opened import opened

_A_PAGE = 50
_MOST_OF_ONE = 500
_USE_DAYS = 90
_MOST_CHECKED = 200_000  # entries that a page may take the time to read, about 15 seconds


def search(request: HttpRequest) -> HttpResponse:
    """The entries that are asked for, newest first, a page at a time."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return render(request, "audit/search.html", {"form": form}, status=422)
    wanted = form.wanted(_number(request.GET.get("before", "")))
    entries = actions.found(wanted, form.in_words, person_of(request), timezone.now(), most=_A_PAGE + 1)
    shown = entries[:_A_PAGE]
    older = shown[-1].seq if len(entries) > _A_PAGE else None
    return render(request, "audit/search.html", {
        "form": form, "entries": told(shown), "older": older, "asked": form.asked, "in_words": form.in_words,
        "is_later_page": wanted.before is not None, "query": _query(request),
    })  # fmt: skip


def person(request: HttpRequest) -> HttpResponse:
    """Who looked at one person. What is typed of them is used in memory, and put down nowhere."""
    if request.method != "POST":
        return with_form(request, "audit/person.html", PersonForm())
    form = PersonForm(request.POST)
    if form.is_valid():
        try:
            return _looked(request, form)
        except WrongUsage as why:
            form.add_error(None, f"{why.message} Give {why.expected}.")
    return with_form(request, "audit/person.html", form)


def _looked(request: HttpRequest, form: PersonForm) -> HttpResponse:
    from upstander.pipeline.erasing.finding import Person
    from upstander.pipeline.looked_at import who_looked
    from upstander.web.desks import desk_of

    said = form.cleaned_data
    desk = desk_of(person_of(request), purpose=Purpose.STEWARDSHIP, why=said["why"])
    meant = Person(
        token=said["token"], nhs_number=said["nhs_number"], surname=said["surname"], forename=said["forename"],
        born=said["born"], references=((said["supplier"], said["reference"]),) if said["reference"] else (),
    )  # fmt: skip
    looked = who_looked(desk, meant, most=_MOST_OF_ONE)
    return render(request, "audit/looked.html", {
        "entries": told(looked.entries), "tokens": sorted(looked.tokens), "gone": looked.gone,
        "people": len({one.event.person for one in looked.entries}), "most": _MOST_OF_ONE,
    })  # fmt: skip


def export(request: HttpRequest) -> HttpResponse:
    """A numbered, marked copy of what a search found."""
    form = SearchForm(request.POST)
    if not form.is_valid():
        return pages.absent(request)
    tokens = frozenset(request.POST.getlist("token"))
    wanted = AuditSearch(subjects=tokens) if tokens else form.wanted()
    asked = "the looks at one person" if tokens else form.in_words
    number, content = actions.copy_of(wanted, asked, person_of(request), timezone.now())
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="audit-copy-{number}.csv"'
    return response


def verify(request: HttpRequest) -> HttpResponse:
    """Whether the chain is whole, from its first entry to its last; one too long for a page is the command's."""
    checked, head = None, opened().audit.head()
    is_long = head is not None and head.seq > _MOST_CHECKED
    if request.method == "POST" and not is_long:
        trail.note("verify audit", person_of(request), timezone.now(), answer="begun")
        checked = actions.checked()
    return render(request, "audit/verify.html", {"checked": checked, "head": head, "is_long": is_long})


def review(request: HttpRequest) -> HttpResponse:
    """What stood out in the weeks that were gone through; the last whole week is gone through when that is asked."""
    at = timezone.now()
    first = actions.last_whole_week(at)
    if request.method == "POST":
        actions.go_through(first, person_of(request), at)
        return HttpResponseRedirect(reverse("review"))
    weeks = list(Week.objects.prefetch_related("reviews")[:12])
    is_done = any(week.first == first for week in weeks)
    return render(request, "audit/review.html", {
        "weeks": weeks, "first": first, "last": first + timedelta(days=6), "is_done": is_done,
        "waiting": sum(one.state == Review.State.WAITING for week in weeks for one in week.reviews.all()),
    })  # fmt: skip


def one_review(request: HttpRequest, number: int) -> HttpResponse:
    """One thing that stood out: the entries it was seen in, and what became of it. Nobody settles their own."""
    found = Review.objects.select_related("week").filter(pk=number).first()
    if found is None:
        return pages.absent(request)
    by, at = person_of(request), timezone.now()
    is_own = found.person == by.handle
    form = ReviewForm(request.POST or None, initial={"state": found.state, "note": found.note})
    if request.method == "POST" and not is_own and form.is_valid():
        actions.settle(found, Review.State(form.cleaned_data["state"]), form.cleaned_data["note"], by, at)
        return HttpResponseRedirect(reverse("review"))
    trail.note("search audit", by, at, why=f"review {number}")
    entries = told(actions.entries_of(found.entries[:_A_PAGE]))
    return with_form(request, "audit/one_review.html", form, found=found, entries=entries, is_own=is_own)


def own_use(request: HttpRequest) -> HttpResponse:
    """How often each schedule of one's own agency's data was read and refused, in counts."""
    by, at = person_of(request), timezone.now()
    since = at - timedelta(days=_USE_DAYS)
    here = opened()
    trail.note("usage report", by, at, why=by.agency_id or "")
    entries = here.audit.search(AuditSearch(since=since, until=at, action="read"))
    lines = [one for one in usage(here.register.agreements(at), entries, at) if one.provider == by.agency_id]
    return render(request, "audit/own_use.html", {"lines": lines, "since": since, "days": _USE_DAYS})


def told(entries: Sequence[AuditEntry]) -> list[tuple[AuditEntry, str]]:
    """Each entry with its sentence."""
    return [(entry, sentence(entry)) for entry in entries]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _query(request: HttpRequest) -> str:
    """The search as an address holds it, without the page."""
    asked = request.GET.copy()
    asked.pop("before", None)
    return asked.urlencode()
