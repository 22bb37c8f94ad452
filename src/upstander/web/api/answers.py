"""What each endpoint answers: plain values, out of published releases as one reader sees them."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from upstander.errors import WrongUsage
from upstander.pipeline.attributing import attributions_of
from upstander.pipeline.findings import Findings, Question
from upstander.pipeline.home import Home
from upstander.web.api.asking import Asked
from upstander.web.api.endpoints import CURSOR, DEFAULT_LIMIT, FIGURE_ID, FILTERS, LIMIT

Body = dict[str, Any]
_SHOWN = 20  # values that an error names
_COLUMNS = ("figure", "dataset", "measure", "period", "area", "age", "sex", "unit", "value", "low", "high", "status")


def release(findings: Findings, *, is_newest: bool) -> Body:
    """One release, and the datasets of it that this reader may see."""
    plan, days = findings.edition.plan, findings.edition.plan.covering.whole
    seen = dict(findings.choices.datasets)
    return {
        **_named(findings), "quarter": plan.quarter, "edition": findings.edition.number,
        "made": plan.made.at.isoformat(), "is_newest": is_newest,
        "first_day": f"{days.start}", "last_day": f"{days.last_day}",
        "datasets": [
            {"name": one.dataset, "title": seen[one.dataset], "rules": sorted({rule.name for rule in one.rules}),
             "is_publishable": all(rule.publishable for rule in one.rules)}
            for one in plan.sources if one.dataset in seen
        ],
        "notes": [
            *(one.says for one in plan.missing),
            *(line for one in plan.sources if one.dataset in seen for line in one.late),
        ],
    }  # fmt: skip


def measures(findings: Findings, _asked: Asked, _home: Home) -> Body:
    """What is counted."""
    names = ("name", "title", "says", "dataset", "source", "one_is", "better")
    found = findings.choices.measures
    return _named(findings) | {
        "measures": [
            {name: getattr(one, name) for name in names} | {"caveats": list(one.caveats)} for one in found
        ]
    }  # fmt: skip


def areas(findings: Findings, _asked: Asked, _home: Home) -> Body:
    """The places."""
    names = ("key", "name", "layer", "within")
    found = findings.choices.areas
    return _named(findings) | {"areas": [{name: getattr(one, name) for name in names} for one in found]}


def periods(findings: Findings, _asked: Asked, _home: Home) -> Body:
    """The periods, the latest first."""
    return _named(findings) | {
        "periods": [
            {"name": one.name, "title": one.title, "kind": one.kind, "first_day": f"{one.start}",
             "last_day": f"{one.end - timedelta(days=1)}"}
            for one in findings.choices.periods
        ]
    }  # fmt: skip


def cells(findings: Findings, asked: Asked, _home: Home) -> Body:
    """The cells that answer, from the cursor on. Raises WrongUsage where none does, or none is at the cursor."""
    _check_known(findings, asked)
    question = Question(**{one.name: tuple(asked.get(one.name, ())) for one in FILTERS})
    found = findings.cells(question)
    first = _after(found["figure"].to_list(), asked[CURSOR.name][0]) if CURSOR.name in asked else 0
    most = int(asked[LIMIT.name][0]) if LIMIT.name in asked else DEFAULT_LIMIT
    page = found.slice(first, most).select(_COLUMNS)
    is_last = first + most >= found.height
    return _named(findings) | {
        "cells": page.to_dicts(),
        "next_cursor": None if is_last else _cursor(str(page["figure"][-1])),
    }


def figure(findings: Findings, asked: Asked, _home: Home) -> Body:
    """One figure, with how it was made. Raises WrongUsage where there is none of that id."""
    one = findings.figure(asked[FIGURE_ID.name][0])
    return _named(findings) | {
        "figure": one.id, "value": one.value, "low": one.low, "high": one.high, "status": one.status,
        "period": one.period, "definition": one.definition, "method": one.method, "how_made": one.how_made,
        "caveats": list(one.caveats), "recording_changes": list(one.recording_changes), "rules": list(one.rules),
        "readings": [dict(zip(("dataset", "supplier", "reading"), held, strict=True)) for held in one.datasets],
    }  # fmt: skip


def attribution(findings: Findings, _asked: Asked, home: Home) -> Body:
    """Whose reference data it rests on."""
    settings = home.settings
    held = attributions_of(home, findings.edition)
    return _named(findings) | {
        "publisher": settings.network, "licence": settings.release.licence,
        "licence_name": settings.release.licence_name,
        "reference_data": [
            {"name": one.name, "id": one.id, "layers": list(one.layers), "words": one.words} for one in held
        ],
    }  # fmt: skip


OF_RELEASE: Mapping[str, Callable[[Findings, Asked, Home], Body]] = {
    "measures": measures, "areas": areas, "periods": periods, "cells": cells, "figure": figure,
    "attribution": attribution,
}  # fmt: skip


def _named(findings: Findings) -> Body:
    return {"release": findings.edition.name, "manifest_sha256": findings.sha256}


def _check_known(findings: Findings, asked: Asked) -> None:
    """Raises WrongUsage for a value that occurs nowhere: an answer that leaves it out would look like an answer."""
    choices = findings.choices
    known = {
        "measure": [one.name for one in choices.measures], "dataset": [name for name, _ in choices.datasets],
        "period": [one.name for one in choices.periods], "area": [one.key for one in choices.areas],
        "layer": choices.layers, "age": choices.ages, "sex": choices.sexes, "unit": choices.units,
    }  # fmt: skip
    for name, values in known.items():
        for one in asked.get(name, ()):
            if one not in values:
                raise WrongUsage(
                    f"The release has no such {name}.", where=name, found=one, expected=_some(values),
                    state="Nothing was read.",
                )  # fmt: skip


def _some(values: Sequence[str]) -> str:
    more = len(values) - _SHOWN
    return ", ".join(values[:_SHOWN]) + (f", and {more} more" if more > 0 else "")


def _cursor(figure_id: str) -> str:
    return base64.urlsafe_b64encode(figure_id.encode()).decode().rstrip("=")


def _after(figures: list[str], cursor: str) -> int:
    """The place after the figure that a cursor names. Raises WrongUsage where it names none of these."""
    try:
        named = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return figures.index(named) + 1
    except (binascii.Error, ValueError) as why:
        raise WrongUsage(
            "That cursor belongs to no page of this question.", where=CURSOR.name, found=cursor[:200],
            expected="the next_cursor of the page before, with the same filters", state="Nothing was read.",
        ) from why  # fmt: skip
