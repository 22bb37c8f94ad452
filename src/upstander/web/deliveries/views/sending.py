"""Sending a file, and the report on what became of it."""

import csv
import io
from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from upstander import contracts
from upstander.pipeline.uploads import outcome_in_words, report_on, sums_of_lines
from upstander.web import pages
from upstander.web.accounts.views.answering import person_of, with_form
from upstander.web.deliveries import actions
from upstander.web.deliveries.answering import download
from upstander.web.deliveries.feeds import agency_names, feeds_of, sees_all, steward
from upstander.web.deliveries.forms import SendForm
from upstander.web.deliveries.models import Sending
from upstander.web.deliveries.standings import decision_on
from upstander.web.opened import opened
from upstander.web.uploading import Sealing, sealing
from upstander.web.work.models import Job

_MISTAKES_SHOWN = 100
_NEXT = {
    "ACCEPT": "Nothing is left to do. Its rows count from now on.",
    "NORMALISE": "Nothing is left to do. Read the repairs below, and mend the extract when you can.",
    "ROWQ": "Mend the lines below in your system, and send them or the whole file again. Until then they count "
    "nowhere.",
    "FILEQ": "Mend what is named below and send the file again. Nothing of it counts until then.",
    "REFUSE": "Send the file again as it is described. Nothing of this one was kept.",
    "NOOP": "Nothing is left to do. If you meant to send a corrected file, check that you chose the new one.",
    "HOLD": "An analyst of the network looks at it and accepts or refuses it, with a reason. You see the answer here. "
    "If you know already that it is wrong, send a corrected file.",
    "RESTATE": "Nothing is left to do. It takes the place of what came before for these days.",
}


@csrf_exempt  # checked in `_sent`: the form may be read only once the file has somewhere sealed to go
def send(request: HttpRequest) -> HttpResponseBase:
    """The form, and receiving the file: it is sealed while it comes in, and destroyed if nobody takes it on."""
    most = opened().home.settings.site.largest_upload_mb
    if request.method != "POST":
        return _page(request, _form(request))
    received = sealing(request, steward(person_of(request), "receiving a delivery"), "file", most)
    try:
        answer: HttpResponseBase = _sent(request, received, most)
        return answer
    finally:
        received.give_up()


@csrf_protect
def _sent(request: HttpRequest, received: Sealing, most: int) -> HttpResponse:
    form = _form(request, request.POST)
    form.is_valid()
    form.check_file(received, most)
    if form.errors:
        return _wrong(request, form)
    said = form.cleaned_data
    made = actions.send(
        received.upload, received.size, said["feed"], said["covers"], person_of(request), timezone.now()
    )
    received.taken()
    url = reverse("job", args=[made.job])
    return JsonResponse({"url": url}) if _is_script(request) else HttpResponseRedirect(url)


def report(request: HttpRequest, upload: str) -> HttpResponse:
    """What became of a file that was sent here."""
    sending = _found(request, upload)
    if sending is None:
        return pages.absent(request)
    told = _told(request, sending)
    context: dict[str, Any] = {
        "sending": sending, "title": contracts.ALL[sending.dataset].title, "report": told,
        "job": Job.objects.filter(pk=sending.job or 0).first(), "decided": decision_on(sending),
        "is_own": sending.person_id == person_of(request).pk,
    }  # fmt: skip
    if told is not None:
        rules = Counter(mistake["rule"] for mistake in told["mistakes"])
        context |= {
            "outcome": outcome_in_words(told["outcome"]), "next": _NEXT[told["outcome"]],
            "sums": sums_of_lines(told["lines"]), "rules": rules.most_common(),
            "kept_back": told["quarantined_by_rule"].items(), "set_aside": told["set_aside_by_reason"].items(),
            "mistakes": told["mistakes"][:_MISTAKES_SHOWN], "hidden": max(len(told["mistakes"]) - _MISTAKES_SHOWN, 0),
        }  # fmt: skip
    return render(request, "deliveries/report.html", context)


def mistakes(request: HttpRequest, upload: str) -> HttpResponse:
    """Line numbers, columns and reasons, to keep. No value of a cell is in it."""
    sending = _found(request, upload)
    told = _told(request, sending) if sending else None
    if told is None:
        return pages.absent(request)
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(["line", "column", "what is wrong", "expected"])
    for one in told["mistakes"]:
        lines.writerow([one["line"], *(_plain(one[name]) for name in ("column", "rule", "expected"))])
    return download(text.getvalue().encode("utf-8-sig"), f"mistakes-{upload}.csv")


def _found(request: HttpRequest, upload: str) -> Sending | None:
    """A file that was sent, if it is of a feed of theirs; None also where there is none."""
    found = Sending.objects.select_related("person__agency").filter(pk=upload)
    return (found if sees_all(request) else found.filter(provider=person_of(request).agency_id)).first()


def _told(request: HttpRequest, sending: Sending) -> dict[str, Any] | None:
    """The report, once the work is done: before that it may still change."""
    if not sending.outcome:
        return None
    return report_on(steward(person_of(request), "the report on a delivery"), sending.upload)


def _form(request: HttpRequest, said: Any = None) -> SendForm:
    feeds = feeds_of(request)
    return SendForm(feeds, agency_names(feeds), said)


def _page(request: HttpRequest, form: SendForm) -> HttpResponse:
    return with_form(
        request, "deliveries/send.html", form, most=opened().home.settings.site.largest_upload_mb,
        has_feeds=bool(feeds_of(request)),
    )  # fmt: skip


def _wrong(request: HttpRequest, form: SendForm) -> HttpResponse:
    if not _is_script(request):
        return _page(request, form)
    return JsonResponse({"wrong": [str(error) for errors in form.errors.values() for error in errors]}, status=422)


def _is_script(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
