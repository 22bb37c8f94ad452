"""Figures and tabs as parts of a page, kept by the process: the same question of the same edition is drawn once."""

from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse

from upstander.pipeline.findings import Findings, NotReleased
from upstander.pipeline.findings.making import Wanted, home_office_without, made
from upstander.web.findings.filters import Asked, form_of, of_measure, query_of
from upstander.web.findings.tabs import Tab

FORMS = {"csv": "CSV", "xlsx": "Excel", "svg": "picture (SVG)", "png": "picture (PNG)"}


def figure_id(findings: Findings, kind: str) -> str:
    """What a figure is cited by, with its filters: the edition, and its kind."""
    return f"{findings.edition.quarter}-{findings.edition.number:04d}-{kind}"


@dataclass(frozen=True)
class Shown:
    """A figure as part of a page: its id there, its finding, whether that is a signal, and its markup."""

    name: str
    finding: str
    is_signal: bool
    html: str


@lru_cache(maxsize=4096)
def shown(findings: Findings, kind: str, wanted: Wanted) -> Shown:
    """One figure with its tools. The edition's hash and what a reader may see are part of `findings`.

    Raises NotReleased.
    """
    figure = made(findings, kind, wanted).figure
    name, query = figure_id(findings, kind), query_of(wanted)
    downloads = [
        (words, f"{reverse('take_figure', args=[name, form])}?{query}") for form, words in FORMS.items()
        if figure.numbers.rows and (form in {"csv", "xlsx"} or figure.pictures)
    ]  # fmt: skip
    cite = f"{reverse('figure', args=[name])}?{query}" if figure.numbers.rows else ""
    html = render_to_string("parts/figure.html", {"figure": figure, "downloads": downloads, "cite": cite})
    return Shown(figure.name, figure.finding, any(one.is_signal for one in figure.pictures), html)


@lru_cache(maxsize=128)
def body(findings: Findings | None, tab: Tab, asked: Asked | None) -> str:
    """What a tab tells a reader below its name. findings: as they see them, None without a release. asked: None where
    the tab has no measure for them.
    """
    context: dict[str, object] = {
        "tab": tab, "findings": findings, "asked": asked, "missing": findings.edition.plan.notes if findings else (),
    }  # fmt: skip
    if findings and asked:
        measures = tab.measures(findings)
        figures = [] if asked.wrong else _figures(findings, tab, asked.wanted, measures)
        context["form"] = [one for one in form_of(findings, asked, measures) if one.name in tab.filters]
        context["figures"] = figures
        if tab.of_each:
            context["in_short"] = sorted(figures, key=lambda one: not one.is_signal)
            context["without"] = home_office_without(findings)
    return render_to_string("findings/tab.html", context)


def _figures(findings: Findings, tab: Tab, asked: Wanted, measures: list[str]) -> list[Shown]:
    """The figures of a tab, drawn. One that does not go with the filters is left out."""
    wanted = [(kind, asked) for kind in tab.kinds]
    if tab.of_each:
        wanted = [("trend", of_measure(findings, asked, one)) for one in measures]
    drawn = []
    for kind, one in wanted:
        try:
            drawn.append(shown(findings, kind, one))
        except NotReleased:
            continue
    return drawn
