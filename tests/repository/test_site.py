"""The documentation is made from the program itself, and its links lead somewhere."""

import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from checkout import ROOT
from upstander import contracts
from upstander.contracts.measures import all_measures
from upstander.contracts.your_data import PROMISES
from upstander.pipeline.methods import ALL


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    build = ROOT / "tools" / "site" / "build.py"
    done = subprocess.run([sys.executable, build, "--to", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_dataset_has_a_template_and_a_place_in_the_dictionary(site: Path) -> None:
    dictionary = (site / "data-dictionary.html").read_text("utf-8")
    assert {path.stem for path in (site / "templates").iterdir()} == set(contracts.ALL)
    assert [name for name in contracts.ALL if not (site / f"guide-{name}.html").is_file()] == []
    assert [name for name in contracts.ALL if f'id="{name}"' not in dictionary] == []


def test_every_method_has_a_page_that_gives_its_source(site: Path) -> None:
    for method in ALL.values():
        assert method.source.split(",")[0].split("&")[0] in (site / "methods" / f"{method.name}.html").read_text(
            "utf-8"
        )


def test_every_indicator_is_on_one_page_with_its_unit_and_caveats(site: Path) -> None:
    page = unescape((site / "indicators.html").read_text("utf-8"))
    for measure in all_measures().values():
        assert f'id="{measure.name}"' in page
        assert all(words in page for words in (measure.denominators[0].unit, measure.caveats[0]))


def test_a_link_that_leads_nowhere_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<a href="absent.html">one</a> <a href="#nobody">two</a>', "utf-8")
    words = "import sys; from links import broken_links; from pathlib import Path; print(len(broken_links(Path('.'))))"
    env = {"PYTHONPATH": str(ROOT / "tools" / "site")}
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "2"


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.test.partition("::")[2])
def test_every_promise_to_a_sender_names_a_test_that_exists(promise: object) -> None:
    file, _, name = promise.test.partition("::")
    assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8")
