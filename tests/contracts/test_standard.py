"""Contracts as Open Data Contract Standard YAML, read by that standard's own library."""

from typing import Any

import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from upstander import contracts
from upstander.contracts.standard import as_open_standard

EVERY = [(name, shape) for name, one in contracts.ALL.items() for shape in one.shapes]


def _unknown(told: Any, model: Any, path: str = "") -> list[str]:
    """Words that the library's model has no field for: it would pass over them in silence."""
    fields = {field.alias or name: getattr(model, name) for name, field in type(model).model_fields.items()}
    found = [f"{path}{word}" for word in told if word not in fields]
    for word, value in told.items():
        inner = fields.get(word)
        pairs = (
            zip(value, inner, strict=True) if isinstance(value, list) and isinstance(inner, list) else [(value, inner)]
        )
        for one, other in pairs:
            if isinstance(one, dict) and hasattr(type(other), "model_fields"):
                found += _unknown(one, other, f"{path}{word}.")
    return found


@pytest.mark.parametrize(("name", "shape"), EVERY, ids=str)
def test_the_standards_own_library_reads_every_word_of_every_contract(name: str, shape: contracts.Shape) -> None:
    contract = contracts.in_shape(name, shape)
    text = as_open_standard(contract)
    read = OpenDataContractStandard.from_string(text)
    assert _unknown(yaml.safe_load(text), read) == []
    assert (read.kind, read.version, read.name) == ("DataContract", contract.version, contract.title)
    assert read.schema_ is not None
    columns = read.schema_[0].properties or []
    assert [(one.name, one.required) for one in columns] == [(one.name, one.required) for one in contract.columns]


def test_a_word_that_the_standard_has_not_would_be_noticed() -> None:
    text = as_open_standard(contracts.ALL["neet"]).replace("dataGranularityDescription", "granularity")
    assert _unknown(yaml.safe_load(text), OpenDataContractStandard.from_string(text)) == ["schema.granularity"]


def test_names_numbers_and_free_text_are_restricted_and_shown_by_no_example() -> None:
    read = OpenDataContractStandard.from_string(as_open_standard(contracts.ALL["police_incidents"]))
    assert read.schema_ is not None
    columns = {one.name: one for one in read.schema_[0].properties or []}
    assert {columns[name].classification for name in ("surname", "dob", "location_text")} == {"restricted"}
    assert columns["location_text"].examples is None
    assert columns["offence_code"].classification == "internal"
