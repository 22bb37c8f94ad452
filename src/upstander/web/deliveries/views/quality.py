"""How good each feed is over time: its scorecard, made of released tables by a job, and kept until the next."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from upstander.pipeline.feeds import OwnFeed
from upstander.pipeline.quality.cards import kept_card
from upstander.web import pages
from upstander.web.accounts.views.answering import person_of
from upstander.web.deliveries.actions import WEIGH
from upstander.web.deliveries.answering import download
from upstander.web.deliveries.feeds import feeds_of, steward
from upstander.web.work import enqueue


def quality(request: HttpRequest) -> HttpResponse:
    """Every feed, and when its scorecard was made."""
    desk = steward(person_of(request), "how good our feeds are")
    cards = [(feed, kept_card(desk, *feed.key)) for feed in feeds_of(request)]
    return render(request, "deliveries/quality.html", {"cards": cards})


def feed_quality(request: HttpRequest, dataset: str, supplier: str) -> HttpResponse:
    """One feed's scorecard; a POST has it made anew."""
    feed = _feed(request, dataset, supplier)
    if feed is None:
        return pages.absent(request)
    if request.method == "POST":
        arguments = {"dataset": dataset, "supplier": supplier, "title": feed.title}
        job = enqueue(WEIGH, person_of(request), arguments, "how good this feed is, for its owner")
        return HttpResponseRedirect(reverse("job", args=[job.pk]))
    card = kept_card(steward(person_of(request), "how good our feed is"), dataset, supplier)
    return render(request, "deliveries/feed_quality.html", {"feed": feed, "card": card})


def scorecard_file(request: HttpRequest, dataset: str, supplier: str, kind: str) -> HttpResponse:
    """The scorecard as a page to print, or its numbers."""
    feed = _feed(request, dataset, supplier)
    card = kept_card(steward(person_of(request), "how good our feed is"), dataset, supplier) if feed else None
    if card is None or kind not in {"scorecard.html", "scorecard.csv"}:
        return pages.absent(request)
    return download(card.html if kind == "scorecard.html" else card.csv, f"{supplier}-{kind}")


def _feed(request: HttpRequest, dataset: str, supplier: str) -> OwnFeed | None:
    return next((feed for feed in feeds_of(request) if feed.key == (dataset, supplier)), None)
