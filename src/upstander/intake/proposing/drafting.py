"""The draft of a supplier map as TOML: what was guessed, how sure and why, and what is still undecided."""

import json
from collections.abc import Iterator

from upstander.contracts.dataset import Shape
from upstander.intake.proposing.guessing import FIGURE, Guess, Proposal
from upstander.intake.proposing.sampling import Sample


def draft_toml(proposal: Proposal, sample: Sample, *, name: str, today: str) -> str:
    """A map to edit. While `undecided` stands in it, no command will use it. today: an ISO date."""
    return "\n".join([*_head(proposal, name, today), "", *_columns(proposal), *_file(sample)]) + "\n"


def _head(proposal: Proposal, name: str, today: str) -> Iterator[str]:
    yield "# A draft. Every line was guessed from one file; settle what is undecided, then delete `undecided`."
    yield "undecided = ["
    yield from (f"    {json.dumps(question, ensure_ascii=False)}," for question in proposal.decisions)
    yield "]"
    yield f"name = {json.dumps(name)}"
    yield 'version = "1"'
    yield f"dated = {today}"
    yield 'source = ""'
    yield 'agency = ""'
    yield f'dataset = "{proposal.dataset}"'
    if proposal.shape is Shape.INDICATORS:
        yield 'shape = "indicators"'
    yield 'delivers = "whole"'
    yield 'zone = "Europe/London"'
    yield 'ids = "not_stable"'


def _columns(proposal: Proposal) -> Iterator[str]:
    mapped = [guess for guess in proposal.guesses if guess.column and not guess.column.startswith(FIGURE)]
    figures = [guess for guess in proposal.guesses if guess.column.startswith(FIGURE)]
    yield "[columns]"
    yield from (_line(guess, guess.column) for guess in mapped)
    if figures:
        yield "\n[figures]"
        yield from (_line(guess, guess.column.removeprefix(FIGURE)) for guess in figures)
    yield "\n[ignored]"
    yield from (_line(guess, guess.reasons[0]) for guess in proposal.guesses if not guess.column)
    dated = [guess for guess in mapped if guess.order is not None]
    if dated:
        yield "\n[formats]"
        yield from (_formats(guess) for guess in dated)


def _line(guess: Guess, value: str) -> str:
    why = "; ".join(guess.reasons)
    return f"{_text(guess.heading)} = {_text(value)}  # {guess.confidence:.0%} sure: {why}"


def _formats(guess: Guess) -> str:
    order = guess.order
    if order is None:
        return ""
    written = f"{guess.column} = [{', '.join(_text(pattern) for pattern in order.formats)}]"
    if order.open_question:  # a choice between two readings is never made here
        return f"# {written}  # keep one: {order.open_question}"
    return f"{written}  # {order.reason}"


def _file(sample: Sample) -> Iterator[str]:
    told = {
        "delimiter": sample.delimiter if sample.delimiter != "," else "",
        "encoding": sample.encoding if sample.encoding != "utf-8" else "",
    }
    if any(told.values()) or sample.preamble_lines:
        yield "\n[file]"
        yield from (f"{key} = {_text(value)}" for key, value in told.items() if value)
        if sample.preamble_lines:
            yield f"preamble_lines = {sample.preamble_lines}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
