"""Each method's worked examples, run through the same door as a person's own file."""

import pytest

from analysis.specs import Example, differs, examples, table
from upstander.analysis.methods import run
from upstander.pipeline.methods import ALL

EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.method}: {each.says}"[:90])
def test_the_worked_example_comes_out(example: Example):
    result = run(ALL[example.method], example.frames(), example.params, seed=1).as_json()
    expected = table(example.rows)
    assert len(result["rows"]) == expected.height
    assert [
        (number, name, found[name], wanted[name])
        for number, (found, wanted) in enumerate(zip(result["rows"], expected.to_dicts(), strict=True), 1)
        for name in expected.columns
        if differs(found[name], wanted[name], example.tolerance)
    ] == []
    for name, wanted in example.summary.items():
        assert not differs(result["summary"][name], str(wanted), example.tolerance), name


@pytest.mark.parametrize("name", ALL)
def test_every_method_has_a_worked_example_that_says_where_its_numbers_come_from(name: str):
    own = [each for each in EXAMPLES if each.method == name]
    assert own, f"tests/analysis/specs/{name}.toml is missing"
    assert all(each.says.endswith(".") and each.worked for each in own)


def test_a_wrong_number_in_a_spec_is_found():
    assert differs(1.5, "1.6", 0.05)
    assert not differs(1.5, "1.5004", 0.001)
    assert differs(None, "0", 1)
    assert differs(True, "false", 0)
