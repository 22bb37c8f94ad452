"""Deliveries that are held until an analyst has looked at them."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from upstander import contracts
from upstander.errors import UpstanderError
from upstander.pipeline.held import held_readings
from upstander.pipeline.uploads import sums_of_lines
from upstander.web import pages
from upstander.web.accounts.views.answering import person_of, with_form
from upstander.web.deliveries import actions
from upstander.web.deliveries.feeds import steward
from upstander.web.deliveries.forms import DecideForm


def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, oldest first."""
    desk = steward(person_of(request), "what is held")
    found = [(one, contracts.ALL[one["dataset"]].title) for one in held_readings(desk)]
    return render(request, "deliveries/held.html", {"held": found})


def decide(request: HttpRequest, reading: str) -> HttpResponse:
    """Look at one, and accept or refuse it."""
    desk = steward(person_of(request), "a decision about what is held")
    found = next((one for one in held_readings(desk) if one["reading"] == reading), None)
    if found is None:
        return pages.absent(request)
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.decide(reading, person_of(request), said["why"], accept=said["decision"] == "accept")
            return HttpResponseRedirect(reverse("held_deliveries"))
        except UpstanderError as why:
            form.add_error("decision", f"{why.message} {why.state}".strip())
    return with_form(
        request, "deliveries/decide.html", form, one=found, title=contracts.ALL[found["dataset"]].title,
        sums=sums_of_lines(found["lines"]), reasons=found["why"].split("; "),
    )  # fmt: skip
