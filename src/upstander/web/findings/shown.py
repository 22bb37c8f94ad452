"""Figures as bytes of a page, kept by the process: the same question of the same edition is drawn once."""

from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse

from upstander.pipeline.findings import Findings
from upstander.pipeline.findings.making import Wanted, made
from upstander.web.findings.filters import query_of

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
