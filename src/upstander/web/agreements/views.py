"""Pages about agreements: the register, one agreement, who may see what, what ends, what was refused, what law asks."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import ALL
from upstander.errors import UpstanderError
from upstander.pipeline.refusals import MOST, refused_lately
from upstander.sharing import (
    ActKind,
    Agreement,
    AgreementRegister,
    BadAgreement,
    Decision,
    in_rows,
    read_terms,
    record_of_processing,
)
from upstander.web import pages
from upstander.web.accounts.permissions import GOVERN_AGREEMENTS, is_given
from upstander.web.accounts.views.answering import person_of, with_form
from upstander.web.agreements import actions, telling
from upstander.web.agreements.drafts import draft_of
from upstander.web.agreements.forms import DatasetForm, DecisionForm, DraftForm
from upstander.web.opened import opened
from upstander.web.uploading import in_memory

if TYPE_CHECKING:
    from upstander.pipeline.desk import Desk

KINDS = {
    "end": ActKind.ENDED, "suspend": ActKind.SUSPENDED, "resume": ActKind.RESUMED, "withdraw": ActKind.WITHDRAWN,
}  # fmt: skip
_LOOKED_BACK = timedelta(days=90)


def register(request: HttpRequest) -> HttpResponse:
    """Every agreement, or one's own agency's."""
    at = timezone.now()
    found = [telling.told(one, at) for one in _visible(request, at)]
    return render(request, "agreements/register.html", {"agreements": found, "governs": _governs(request)})


def one_agreement(request: HttpRequest, name: str) -> HttpResponse:
    """What an agreement says, who signed it, what was decided about it."""
    at = timezone.now()
    found = next((one for one in _visible(request, at) if one.name == name), None)
    if found is None:
        return pages.absent(request)
    return render(request, "agreements/agreement.html", {
        "told": telling.told(found, at), "agreement": found, "governs": _governs(request),
        "schedules": list(telling.schedules(found, found.terms, at)) if found.terms else [],
        "versions": telling.versions_of(_register().all(), name), "can_resume": _is_suspended(found, at),
    })  # fmt: skip


def who_may_see(request: HttpRequest) -> HttpResponse:
    """One dataset: who may read it for which purpose now, until when and why, or why not."""
    from upstander.pipeline.consequences import access

    at = timezone.now()
    form = DatasetForm(request.GET if "dataset" in request.GET else {"dataset": min(ALL)})
    if not form.is_valid():
        return pages.absent(request)
    dataset = form.cleaned_data["dataset"]
    agreements = _register().agreements(at)
    titles = {one.name: one.title for one in agreements}
    cells = [one for one in access(agreements, at) if one.dataset == dataset]
    told = [(one, [titles[name] for name in one.agreements]) for one in cells]
    rows = [
        (reader, [pair for pair in told if pair[0].reader == reader])
        for reader in dict.fromkeys(one.reader for one in cells)
    ]
    return render(request, "agreements/who_may_see.html", {
        "form": form, "title": ALL[dataset].title, "rows": rows, "purposes": list(Purpose), "at": at,
        "open": sum(one.is_open for one in cells),
    })  # fmt: skip


def ending_soon(request: HttpRequest) -> HttpResponse:
    """What ends within 90 days."""
    at = timezone.now()
    found = telling.endings(_register().agreements(at), at)
    return render(request, "agreements/ending_soon.html", {"endings": found, "until": at + telling.SOON})


def refused(request: HttpRequest) -> HttpResponse:
    """What was refused in the last 30 days, to whom and why, and what they can do as agreements stand now."""
    at = timezone.now()
    found = refused_lately(opened().audit, _register().agreements(at), at)
    return render(request, "agreements/refusals.html", {"refusals": found, "most": MOST})


def record(request: HttpRequest) -> HttpResponse:
    """The record of processing, on the page."""
    at = timezone.now()
    lines = record_of_processing(_register().agreements(at), at)
    entries = [(line, list(in_rows(line))) for line in lines]
    return render(request, "agreements/record.html", {
        "entries": entries, "in_force": sum(line.standing == "in force" for line in lines), "form": DatasetForm(),
    })  # fmt: skip


def record_page(request: HttpRequest) -> HttpResponse:
    """The record of processing as a page to keep; that it was made is written down."""
    from upstander.pipeline.accountability import processing_record, record_html

    desk = _desk(request, "record of processing")
    return _file(record_html(desk, processing_record(desk)), "record-of-processing.html")


def record_table(request: HttpRequest) -> HttpResponse:
    """The record of processing as a table to keep; that it was made is written down."""
    from upstander.pipeline.accountability import as_csv, processing_record

    return _file(as_csv(processing_record(_desk(request, "record of processing"))), "record-of-processing.csv")


def annex(request: HttpRequest) -> HttpResponse:
    """The data annex of a DPIA on one dataset, as a page to keep."""
    from upstander.pipeline.accountability import annex_html

    form = DatasetForm(request.GET)
    if not form.is_valid():
        return pages.absent(request)
    dataset = form.cleaned_data["dataset"]
    return _file(annex_html(_desk(request, "data annex of a DPIA"), [dataset]), f"dpia-annex-{dataset}.html")


def decide(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """End, suspend, resume or withdraw: what it would do is told first."""
    at = timezone.now()
    found = next((one for one in _register().agreements(at) if one.name == name and not one.fault), None)
    if found is None or kind not in KINDS:
        return pages.absent(request)
    act = KINDS[kind]
    said = request.POST if request.method == "POST" else None
    parts = {"is_whole": act is not ActKind.WITHDRAWN, "in_part": act is not ActKind.ENDED}
    form = DecisionForm(found, said, **parts, initial={"about": request.GET.get("about", "")})
    if said is not None and form.is_valid():
        try:
            told, away = actions.decide(
                person_of(request), name, act, form.cleaned_data["why"], schedule=form.schedule, agency=form.agency
            )
            return render(request, "agreements/decided.html", {"said": told, "away": away, "name": name})
        except UpstanderError as why:
            form.add_error(None, why.message)
    facts = _facts(request, found, act, parts, at)
    return with_form(request, "agreements/decide.html", form, told=telling.told(found, at), kind=kind, **facts)


@csrf_exempt  # checked in `_sign`: the form may be read only once it is said where its file goes
def sign(request: HttpRequest) -> HttpResponse:
    """Put a version in force: the file, then what it changes, then the signature."""
    in_memory(request)
    answer: HttpResponse = _sign(request)
    return answer


@csrf_protect
def _sign(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return with_form(request, "agreements/sign.html", DraftForm())
    if "content" in request.POST:
        return _signed(request, request.POST["content"].encode())
    form = DraftForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            draft = draft_of(form.cleaned_data["draft"], _register().agreements(timezone.now()))
            return render(request, "agreements/signing.html", {"draft": draft})
        except BadAgreement as why:
            form.add_error("draft", why.message)
    return with_form(request, "agreements/sign.html", form)


def _signed(request: HttpRequest, content: bytes) -> HttpResponse:
    try:
        name = read_terms(content).name
        actions.sign(person_of(request), content)
        return HttpResponseRedirect(reverse("agreement", args=[name]))
    except BadAgreement as why:
        form = DraftForm({}, MultiValueDict())
        form.errors.clear()
        form.add_error("draft", why.message)
        return with_form(request, "agreements/sign.html", form)


def _facts(
    request: HttpRequest, agreement: Agreement, kind: ActKind, parts: dict[str, bool], at: datetime
) -> dict[str, object]:
    """What a decision would do, about the part that is chosen; nothing while none is."""
    from upstander.pipeline.consequences import consequences

    chosen = DecisionForm(
        agreement, {"about": (request.POST or request.GET).get("about", ""), "why": "to be seen"}, **parts
    )  # fmt: skip
    if not chosen.is_valid() or not (parts["is_whole"] or chosen.schedule or chosen.agency):
        return {"chosen": chosen, "facts": None, "is_chosen": False}
    here = opened()
    decision = Decision(
        kind, agreement.name, person_of(request).handle, at, "to be seen", chosen.schedule, chosen.agency
    )
    facts = consequences(here.home, here.register, here.audit, decision, since=at - _LOOKED_BACK)
    return {"chosen": chosen, "facts": facts, "is_chosen": True, "days": _LOOKED_BACK.days}


def _visible(request: HttpRequest, at: datetime) -> list[Agreement]:
    """Every agreement that governs now, for whoever governs; for anybody else their own agency's."""
    agency = person_of(request).agency_id or ""
    every = _register().agreements(at)
    return [one for one in every if _governs(request) or telling.is_party(one, agency)]


def _governs(request: HttpRequest) -> bool:
    return is_given(GOVERN_AGREEMENTS, request.standing)  # type: ignore[attr-defined]  # put there by door.py


def _is_suspended(agreement: Agreement, at: datetime) -> bool:
    return any(agreement.suspension(one, at) for one in agreement.schedules)


def _register() -> AgreementRegister:
    return opened().register


def _desk(request: HttpRequest, why: str) -> "Desk":
    from upstander.web.desks import desk_of

    return desk_of(person_of(request), purpose=Purpose.STEWARDSHIP, why=why)


def _file(text: str, name: str) -> HttpResponse:
    kind = "text/csv" if name.endswith(".csv") else "text/html"
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
