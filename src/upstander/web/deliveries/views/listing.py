"""What is due and what came; what a sender is handed; what an agency's data is used for."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from upstander import contracts
from upstander.errors import UpstanderError
from upstander.pipeline.accountability import use_by_month
from upstander.pipeline.feeds import AHEAD, feeds_due, reading_of
from upstander.pipeline.handouts import HANDOUTS, handout
from upstander.pipeline.uploads import outcome_in_words, sums_of_lines
from upstander.web import pages
from upstander.web.accounts.models import Agency
from upstander.web.accounts.views.answering import person_of
from upstander.web.deliveries.answering import download
from upstander.web.deliveries.feeds import agency_names, feeds_of, sees_all, steward
from upstander.web.deliveries.models import Reading, Sending
from upstander.web.deliveries.standings import not_loaded
from upstander.web.opened import opened

_HERE = ZoneInfo("Europe/London")
_SHOWN = 50


def deliveries(request: HttpRequest) -> HttpResponse:
    """What is due, what is on its way, what came."""
    feeds = feeds_of(request)
    titles = {feed.key: feed.title for feed in feeds}
    entries = feeds_due(opened().home, feeds, timezone.now().astimezone(_HERE).date())
    owed = sorted((one for one in entries if one.state.value in {"late", "due", "short"}), key=lambda one: one.due)
    came = [one for one in Reading.objects.order_by("-sequence") if (one.dataset, one.supplier) in titles][:_SHOWN]
    reports = dict(Sending.objects.exclude(reading="").order_by("sent").values_list("reading", "upload"))
    began = {(one.dataset, one.supplier) for one in entries}
    names = agency_names(feeds)
    return render(request, "deliveries/deliveries.html", {
        "owed": [(one, titles[one.dataset, one.supplier]) for one in owed],
        "came": [
            (one, titles[one.dataset, one.supplier], outcome_in_words(one.outcome), reports.get(one.reading))
            for one in came
        ],
        "on_their_way": _on_their_way(request), "sees_all": sees_all(request), "has_feeds": bool(feeds), "ahead": AHEAD,
        "never": [(feed, names[feed.provider]) for feed in feeds if feed.key not in began],
    })  # fmt: skip


def reading(request: HttpRequest, reading: str) -> HttpResponse:
    """What the manifest of one reading says: the sums of its lines, what was kept back and why, repairs."""
    theirs = {feed.key for feed in feeds_of(request)}
    found = reading_of(opened().home, reading)
    if found is None or (found.dataset, found.supplier) not in theirs:
        return pages.absent(request)
    return render(request, "deliveries/reading.html", {
        "reading": found, "title": contracts.ALL[found.dataset].title, "sums": sums_of_lines(found.lines),
        "outcome": outcome_in_words(found.outcome.value),
    })  # fmt: skip


def handouts(request: HttpRequest) -> HttpResponse:
    """Templates, guides and checker pages of every feed."""
    return render(request, "deliveries/handouts.html", {"feeds": feeds_of(request), "kinds": HANDOUTS.items()})


def handout_file(request: HttpRequest, dataset: str, supplier: str, kind: str) -> HttpResponse:
    """One of them, to keep."""
    if (dataset, supplier) not in {feed.key for feed in feeds_of(request)}:
        return pages.absent(request)
    try:
        content = handout(opened().home, kind, dataset=dataset, supplier=supplier)
    except UpstanderError:
        return pages.absent(request)
    return download(content, f"{supplier}-{kind}")


def use(request: HttpRequest) -> HttpResponse:
    """What was made of these feeds, counted from the audit log: by month, purpose and agency."""
    until = timezone.now()
    since = datetime(until.year - 1, until.month, 1, tzinfo=UTC)
    desk = steward(person_of(request), "what our data is used for")
    found = use_by_month(desk, {feed.key for feed in feeds_of(request)}, since=since, until=until)
    names = dict(Agency.objects.values_list("slug", "name"))
    lines = [(datetime.strptime(one.month, "%Y-%m").replace(tzinfo=UTC), contracts.ALL[one.dataset].title,
              one, names.get(one.agency, one.agency)) for one in found]  # fmt: skip
    return render(request, "deliveries/use.html", {"lines": lines, "since": since, "until": until,
                                                   "total": sum(one.reads for one in found)})  # fmt: skip


def _on_their_way(request: HttpRequest) -> list[tuple[Sending, str, str]]:
    """Files that were sent here and have not become a reading, newest first: dataset in words, how it stands."""
    sent = Sending.objects.select_related("person__agency")
    theirs = sent if sees_all(request) else sent.filter(provider=person_of(request).agency_id)
    return [(one, contracts.ALL[one.dataset].title, words) for one, words in not_loaded(theirs[:_SHOWN])]
