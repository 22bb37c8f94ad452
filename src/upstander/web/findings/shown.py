"""Figures as bytes of a page, kept by the process: the same question of the same edition is drawn once."""

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


@lru_cache(maxsize=4096)
def figure_html(findings: Findings, kind: str, wanted: Wanted) -> str:
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
    return render_to_string("parts/figure.html", {"figure": figure, "downloads": downloads, "cite": cite})
