"""The API against its own OpenAPI document: whatever is sent, the answer is one that the document says."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import schemathesis
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from web.released_town import town_site
from web.sites import Site
from web.test_api import token_of

SEED = 20261127
FREE: dict[str, str | int] = {}  # releases are whatever is made up
REAL: dict[str, str | int] = {"path.quarter": "2026-Q1", "path.edition": 1}


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    # Hundreds of requests a second come from nobody; how many are let through is tried in test_api.py.
    monkeypatch.setattr("upstander.web.door.seconds_to_wait", lambda request, at: 0)
    yield town_site(tmp_path_factory, tmp_path)
    connections.close_all()


def checked(site: Site, parameters: dict[str, str | int], *, examples: int) -> tuple[int, Counter[str], list[str]]:
    """Every phase and every check of schemathesis: how many requests, how often each check passed, what failed."""
    secret = {"Authorization": f"Bearer {token_of(site)}"}
    config = SchemathesisConfig.from_dict({
        "seed": SEED, "headers": secret, "parameters": parameters, "generation": {"max-examples": examples},
        # A value that fits but that the release does not hold is 422: an empty answer would look like an answer.
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "422"]}},
    })  # fmt: skip
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", ASGIHandler(), config=config, headers=secret)
    schema.validate()
    requests, passed, failed = 0, Counter[str](), list[str]()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            failed.append(str(event))
        if isinstance(event, events.ScenarioFinished):
            requests += len(event.recorder.cases)
            for one in (check for checks in event.recorder.checks.values() for check in checks):
                passed[one.name] += one.status.value == "success"
                if one.failure_info is not None:
                    failed.append(f"{one.name}: {one.failure_info.failure}")
    return requests, passed, failed


def _told(site: Site, *, examples: int) -> tuple[int, Counter[str], list[str]]:
    runs = [checked(site, parameters, examples=examples) for parameters in (FREE, REAL)]
    return sum(one[0] for one in runs), runs[0][1] + runs[1][1], runs[0][2] + runs[1][2]


def test_whatever_is_sent_the_answer_is_one_that_the_document_says(
    town: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    requests, passed, failed = _told(town, examples=4)
    with capsys.disabled():
        print(
            f"\nAPI: {requests} requests, {sum(passed.values())} checks of {len(passed)} kinds, {len(failed)} failures"
        )
    assert failed == []
    assert requests > 500
    assert len(passed) > 10


def test_an_answer_that_the_document_does_not_say_would_be_found(town: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upstander.web.api.answers.periods", None)
    monkeypatch.setattr("upstander.web.api.answers.OF_RELEASE", {})
    monkeypatch.setattr("upstander.web.api.asking.Malformed", ValueError)
    _, _, failed = checked(town, REAL, examples=1)
    assert any("Server error" in one or "Undocumented" in one or "500" in one for one in failed)


@pytest.mark.prove
def test_thousands_of_made_up_requests_are_answered_as_the_document_says(
    town: Site, proof: Callable[..., None]
) -> None:
    requests, passed, failed = _told(town, examples=150)
    proof(
        "schemathesis against the API, every phase and check",
        figure=f"{len(failed)} failures in {requests} requests, {sum(passed.values())} checks", goal="0", seed=SEED,
    )  # fmt: skip
    assert failed == []
    assert requests > 5_000
