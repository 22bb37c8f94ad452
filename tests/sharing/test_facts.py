"""What the room knows and answers is fact: nobody downstream can change it afterwards, or add to it."""

import dataclasses

import pytest
from jinja2 import UndefinedError
from pydantic import BaseModel, ValidationError

from sharing.county import agreement, ask
from upstander import sharing
from upstander.sharing.pages import page
from upstander.sharing.protection import Protection

FACTS = [one for name in sharing.__all__ if dataclasses.is_dataclass(one := getattr(sharing, name))]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_a_fact_cannot_be_changed_once_it_is_stated(fact: type) -> None:
    blank = object.__new__(fact)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(blank, dataclasses.fields(fact)[0].name, "another")


def test_an_answer_cannot_be_changed_after_it_was_given() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ask().grants = ()


@pytest.mark.parametrize("value", [agreement().terms, *agreement().schedules, Protection(flow="within_part2")])
def test_terms_cannot_be_changed_and_take_in_nothing_that_is_not_theirs(value: BaseModel) -> None:
    first = next(iter(type(value).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, first, "another")
    with pytest.raises(ValidationError, match="extra_forbidden"):
        type(value).model_validate({**value.model_dump(), "surprise": 1})


def _usage_page(**changed: object) -> str:
    known = {
        "title": "t", "network": "Fenmoor", "made": "1 May 2026", "names": {}, "lines": [], "total": 0, "silent": 0,
        "since": "", "until": "", "many": 20, "times": 3,
    }  # fmt: skip
    return page("usage.html.j2", known | changed)


def test_a_page_escapes_every_fact() -> None:
    assert "&lt;script&gt;" in _usage_page(since="<script>")
    assert "<script>" not in _usage_page(since="<script>")


def test_a_page_is_not_made_where_a_fact_is_missing() -> None:
    with pytest.raises(UndefinedError):
        page("usage.html.j2", {"lines": []})


def test_a_page_has_no_empty_lines_where_its_template_has_tags() -> None:
    body = _usage_page().split("<h1>")[1]
    assert "\n\n" not in body
    assert not [line for line in body.splitlines() if line != line.strip()]
