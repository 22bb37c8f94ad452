"""The pages of releases and of the ledger. What is not there answers like what is forbidden."""

from collections.abc import Callable
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from upstander.contracts.asking import Purpose
from upstander.errors import UpstanderError
from upstander.pipeline.desk import Desk
from upstander.pipeline.ledger import entries, find_entry
from upstander.pipeline.release.approving import may_not_approve
from upstander.pipeline.release.covering import last_quarter, quarter_named
from upstander.pipeline.release.due import due_of, release_calendar
from upstander.pipeline.release.exporting import kept_exports, take_file
from upstander.pipeline.release.revising import revisions_file
from upstander.pipeline.release.shelf import BrokenRelease
from upstander.pipeline.release.telling import (
    Told,
    attack_told,
    last_verified,
    release_told,
    releases_told,
    revisions_told,
    sheet_of,
    sources_told,
    table_sheet,
    tables_told,
)
from upstander.values.periods import Period
from upstander.web import pages
from upstander.web.accounts import permissions as may
from upstander.web.accounts import trail
from upstander.web.accounts.permissions import is_given
from upstander.web.accounts.views.answering import person_of, with_form
from upstander.web.desks import desk_of
from upstander.web.releases import actions, jobs
from upstander.web.releases.forms import ApproveForm, ExportForm, WhyForm
from upstander.web.standing import with_purposes

_OLDEST = 40  # quarters back that may be made


def releases(request: HttpRequest) -> HttpResponse:
    """The calendar, and every release there is."""
    desk = _desk(request)
    calendar = release_calendar(desk, today=desk.now().date())[::-1]
    context = {"calendar": calendar, "releases": releases_told(desk), **_may(request)}
    return render(request, "releases/releases.html", context)


def make(request: HttpRequest, quarter: str) -> HttpResponse:
    """What is in and what is late of a quarter, then the button."""
    desk = _desk(request)
    period = _over(quarter, desk.now().date())
    if period is None:
        return pages.absent(request)
    form = WhyForm(request.POST or None, label="Why now?", hint="Such as: all three sources are in.")
    if request.method == "POST" and form.is_valid():
        return actions.begin(jobs.MAKE, person_of(request), {"quarter": quarter}, form.cleaned_data["why"])
    found = due_of(desk, period, today=desk.now().date())
    return with_form(request, "releases/make.html", form, due=found)


def _over(quarter: str, today: date) -> Period | None:
    """The quarter, if it is one that is over and not too long ago to be held."""
    try:
        period = quarter_named(quarter)
    except (UpstanderError, ValueError):
        return None
    last = last_quarter(today)
    is_held = (last.start.year - period.start.year) * 4 <= _OLDEST
    return period if str(period) == quarter and period.end <= last.end and is_held else None


def release(request: HttpRequest, quarter: str, number: int) -> HttpResponse:
    """One release: where it stands, what it is made of, what can be done with it."""
    desk = _desk(request)
    told = release_told(desk, quarter, number)
    if told is None:
        return pages.absent(request)
    now, person = told.standing, person_of(request)
    context: dict[str, object] = {"told": told, "now": now, "edition": now.edition, **_may(request)}
    if not now.faults:
        context |= {
            "plan": now.edition.plan, "tables": tables_told(now.edition),
            "attack": attack_told(desk, now.edition), "verified": last_verified(desk, now.edition),
            "sources": sources_told(now.edition),
            "cannot_approve": may_not_approve(now, (person.handle, person.name)),
        }  # fmt: skip
    return render(request, "releases/release.html", context)


def table(request: HttpRequest, quarter: str, number: int, table: str) -> HttpResponse:
    """The released figures of one table, a page at a time."""

    def shown(desk: Desk, told: Told) -> HttpResponse:
        found = table_sheet(desk, told.standing.edition, table, _page(request))
        if found is None:
            return pages.absent(request)
        return render(request, "releases/table.html", {"told": told, "title": found[0], "sheet": found[1]})

    return _of_sound(request, quarter, number, shown)


def attack(request: HttpRequest, quarter: str, number: int) -> HttpResponse:
    """What an outsider could work out, the narrowest first."""

    def shown(desk: Desk, told: Told) -> HttpResponse:
        found = attack_told(desk, told.standing.edition)
        return render(request, "releases/attack.html", {"told": told, "attack": found, **_may(request)})

    return _of_sound(request, quarter, number, shown)


def revisions(request: HttpRequest, quarter: str, number: int) -> HttpResponse:
    """What it changes in what was published before, a page at a time."""

    def shown(desk: Desk, told: Told) -> HttpResponse:
        found = revisions_told(desk, told.standing.edition, _page(request))
        return render(request, "releases/revisions.html", {"told": told, "found": found})

    return _of_sound(request, quarter, number, shown)


def revisions_csv(request: HttpRequest, quarter: str, number: int) -> HttpResponse:
    """All of it as a file, and a line in the ledger."""

    def taken(desk: Desk, told: Told) -> HttpResponse:
        edition = told.standing.edition
        content = revisions_file(desk, edition)
        if content is None:
            return pages.absent(request)
        return _file(f"revisions-{quarter}-{number:04d}.csv", content)

    return _of_sound(request, quarter, number, taken)


def prove(request: HttpRequest, quarter: str, number: int) -> HttpResponse:
    """Build it again, or attack it again: which, the button says."""

    def begun(desk: Desk, told: Told) -> HttpResponse:  # noqa: ARG001 - as the others
        kind = request.POST.get("proof", jobs.VERIFY)
        if kind not in jobs.PROOFS:
            return pages.unreadable(request)
        return actions.begin(kind, person_of(request), _named(quarter, number), jobs.PROOFS[kind])

    return _of_any(request, quarter, number, begun)


def approve(request: HttpRequest, quarter: str, number: int) -> HttpResponse:
    """What an approval vouches for, the fingerprint, and the beginning of it typed again."""

    def shown(desk: Desk, told: Told) -> HttpResponse:
        person, edition = person_of(request), told.standing.edition
        refused = "It is recalled." if told.recalled else may_not_approve(told.standing, (person.handle, person.name))
        form = ApproveForm(request.POST or None, sha256=edition.sha256)
        if request.method == "POST" and not refused and form.is_valid():
            arguments = {**_named(quarter, number), "sha256": edition.sha256}
            return actions.begin(jobs.APPROVE, person, arguments, form.cleaned_data["why"])
        context = {"told": told, "edition": edition, "refused": refused, "plan": edition.plan,
                   "tables": tables_told(edition), "attack": attack_told(desk, edition)}  # fmt: skip
        return with_form(request, "releases/approve.html", form, **context)

    return _of_sound(request, quarter, number, shown)


def files(request: HttpRequest, quarter: str, number: int) -> HttpResponse:
    """The files of a published release, and writing more of them."""

    def shown(desk: Desk, told: Told) -> HttpResponse:
        form = ExportForm(request.POST or None)
        if request.method == "POST" and told.is_newest and form.is_valid():
            recipient = form.cleaned_data["recipient"]
            arguments = {"quarter": quarter, "recipient": recipient, "called": recipient or "everyone"}
            return actions.begin(jobs.EXPORT, person_of(request), arguments, form.cleaned_data["why"])
        held = kept_exports(desk.home, told.standing.edition)
        exports = [(name, name.replace("-", " "), found) for name, found in held.items()]
        return with_form(request, "releases/files.html", form, told=told, exports=exports)

    return _of_sound(request, quarter, number, shown)


def take(request: HttpRequest, quarter: str, number: int, called: str, file: str) -> HttpResponse:
    """One file, and a line in the ledger."""

    def taken(desk: Desk, told: Told) -> HttpResponse:
        content = take_file(desk, told.standing.edition, called, file)
        return pages.absent(request) if content is None else _file(file, content)

    return _of_sound(request, quarter, number, taken)


def ledger(request: HttpRequest) -> HttpResponse:
    """Everything that ever left, newest first, a page at a time."""
    sheet = sheet_of(entries(_desk(request)), _page(request))
    return render(request, "releases/ledger.html", {"sheet": sheet, **_may(request)})


def recall(request: HttpRequest, kind: str, number: str) -> HttpResponse:
    """Call an output back: ask why first."""
    desk = _desk(request)
    found = find_entry(desk, kind, number)
    if found is None:
        return pages.absent(request)
    form = WhyForm(
        request.POST or None,
        label="Why is it called back?",
        hint="Whoever holds it will read this, and the ledger keeps it.",
    )
    if request.method == "POST" and found.state != "recalled" and form.is_valid():
        actions.recall(desk.asking(why=form.cleaned_data["why"]), kind, number)
        return HttpResponseRedirect(reverse("ledger"))
    return with_form(request, "releases/recall.html", form, entry=found)


Shown = Callable[[Desk, Told], HttpResponse]


def _of_any(request: HttpRequest, quarter: str, number: int, answer: Shown) -> HttpResponse:
    """The page of a release that there is."""
    desk = _desk(request)
    told = release_told(desk, quarter, number)
    return pages.absent(request) if told is None else answer(desk, told)


def _of_sound(request: HttpRequest, quarter: str, number: int, answer: Shown) -> HttpResponse:
    """The same; of one that is not as it was made, nothing is read but what is broken."""

    def checked(desk: Desk, told: Told) -> HttpResponse:
        trail.note("look at a release", person_of(request), timezone.now(), answer="shown", why=_what(request, told))
        if told.standing.faults:
            return render(request, "releases/broken.html", {"told": told}, status=409)
        try:
            return answer(desk, told)
        except BrokenRelease as why:
            return render(request, "releases/broken.html", {"told": told, "why": why.message}, status=409)

    return _of_any(request, quarter, number, checked)


def _what(request: HttpRequest, told: Told) -> str:
    """Which page of which release, for the audit log: what an agreement opens is written down at each look."""
    declared = request.declared  # type: ignore[attr-defined]  # put there by door.py
    return f"{declared.name} {told.standing.edition.name}"


def _desk(request: HttpRequest) -> Desk:
    return desk_of(person_of(request), purpose=Purpose.MONITORING, why="releases on the site")


def _may(request: HttpRequest) -> dict[str, bool]:
    """Which buttons would open."""
    standing = with_purposes(request.standing, person_of(request), timezone.now())  # type: ignore[attr-defined]
    asked = {
        "may_make": may.MAKE_RELEASES, "may_approve": may.APPROVE_RELEASES, "may_prove": may.PROVE_RELEASES,
        "may_export": may.EXPORT_RELEASES, "may_recall": may.RECALL_OUTPUTS, "may_see": may.READ_RELEASE_FIGURES,
    }  # fmt: skip
    return {name: is_given(needed, standing) for name, needed in asked.items()}


def _named(quarter: str, number: int) -> dict[str, str]:
    return {"quarter": quarter, "number": str(number)}


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isdecimal() and len(text) < 7 else 1


def _file(name: str, content: bytes) -> HttpResponse:
    kind = "text/csv; charset=utf-8" if name.endswith(".csv") else "application/octet-stream"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)
