"""A method's answer as a page: whole, printed without a network, and with what nobody looked at said as plainly."""

from pathlib import Path

from cli.conftest import Keyboard


def test_the_one_page_answer_says_each_part_and_what_nobody_looked_at(types: Keyboard, tmp_path: Path) -> None:
    effect, page = tmp_path / "effect.csv", tmp_path / "answer.html"
    effect.write_text("rate_ratio,low,high\n0.8,0.65,0.98\n")
    assert types("method", "run", "impact_answer", "--input", effect, "--html", page).code == 0
    said = page.read_text("utf-8")
    for part in ("Effect", "Mechanism", "Moderators", "Implementation", "Economic cost", "Regression to the mean",
                 "What would change our mind"):  # fmt: skip
        assert f"<h2>{part}</h2>" in said
    assert "35% fewer to 2% fewer" in said
    assert '<p class="unknown">What it cost and what it was worth is not known.</p>' in said
    assert "http" not in said


def test_a_table_s_answer_is_a_table_and_its_cells_are_escaped(types: Keyboard, tmp_path: Path) -> None:
    pairs, page = tmp_path / "pairs.csv", tmp_path / "answer.html"
    pairs.write_text("a,b\n<script>x</script>,shackleford\n")
    assert types("method", "run", "string_similarity", "--input", pairs, "--html", page).code == 0
    said = page.read_text("utf-8")
    assert "<script>" not in said
    assert "&lt;script&gt;" in said
    assert "<table>" in said


def test_a_refused_input_writes_no_page(types: Keyboard, tmp_path: Path) -> None:
    effect, page = tmp_path / "effect.csv", tmp_path / "answer.html"
    effect.write_text("rate_ratio,low,high\n0.8,0.95,0.98\n")
    assert types("method", "run", "impact_answer", "--input", effect, "--html", page).code == 3
    assert not page.exists()
