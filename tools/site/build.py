"""Build the documentation in site/ from the program's own declarations and from our pages, then check every link."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from county_facts import facts_of
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from links import broken_links
from prose import address_of, as_html, title_of

from upstander import contracts
from upstander.contracts.dictionary import dictionary_html
from upstander.contracts.guide import guide_html
from upstander.contracts.measures import all_measures
from upstander.contracts.template_sheets import template_xlsx
from upstander.contracts.templates import template_csv
from upstander.contracts.your_data import your_data_html
from upstander.intake import suppliers
from upstander.intake.checker import checker_html
from upstander.pipeline.methods import ALL

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from analysis import specs  # noqa: E402  (the worked examples are tests, and lie with them)

# The style sheet is the one of the data dictionary, so that every page of the site looks alike.
_LOADER = ChoiceLoader([FileSystemLoader(Path(__file__).parent), PackageLoader("upstander.contracts", "pages")])
_TEMPLATES = Environment(loader=_LOADER, autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def tracked(*patterns: str) -> list[Path]:
    """The tracked files of these patterns, from the root of the checkout."""
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True)
    return sorted(Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def write(site: Path, address: str, title: str, body: str) -> None:
    """One page of the site in its frame."""
    path = site / address
    path.parent.mkdir(parents=True, exist_ok=True)
    home = "../" * address.count("/") + "index.html"
    page = _TEMPLATES.get_template("page.html.j2").render(title=title, body=body, home=home)
    path.write_text(page, "utf-8")


def write_pages(site: Path) -> list[tuple[str, str]]:
    """Every tracked Markdown page and the pictures they show; gives (address, title) of each page."""
    written = []
    for page in tracked("*.md"):
        text = (ROOT / page).read_text("utf-8")
        write(site, address_of(page), title_of(text), as_html(text, page, ROOT))
        written.append((address_of(page), title_of(text)))
    for picture in tracked("docs/*.png", "docs/*.svg"):
        to = site / picture.as_posix().lower()
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / picture, to)
    return written


def write_folders(site: Path, pages: list[tuple[str, str]]) -> None:
    """A list of the pages in each folder, for links that name the folder."""
    for folder in sorted({Path(address).parent for address, _ in pages} - {Path()}):
        inside = [(Path(address).name, title) for address, title in pages if Path(address).parent == folder]
        items = "".join(f'<li><a href="{name}">{title}</a></li>' for name, title in inside)
        write(site, f"{folder.as_posix()}/index.html", folder.name, f"<h1>{folder.name}</h1><ul>{items}</ul>")


def write_methods(site: Path) -> None:
    """A page for each method that the command offers, with its worked examples, which are tests; linked to the longer
    page about it where there is one.
    """
    worked = specs.examples()
    for method in ALL.values():
        guide = Path("docs/methods") / f"{method.name}.md"
        link = f'<a href="../{address_of(guide)}">How it works, with examples</a>' if (ROOT / guide).is_file() else ""
        body = _TEMPLATES.get_template("method.html.j2").render(
            method=method, guide=link, examples=[each for each in worked if each.method == method.name]
        )
        write(site, f"methods/{method.name}.html", method.title, body)


def write_indicators(site: Path) -> None:
    """One page of every declared indicator."""
    body = _TEMPLATES.get_template("indicators.html.j2").render(measures=all_measures().values())
    write(site, "indicators.html", "Indicators", body)


def write_datasets(site: Path) -> list[str]:
    """The data dictionary; for each dataset an empty file and an extract guide, and what happens to the data in those
    that the fictional county shares, whose names come back; for each shipped map the checker page.
    """
    shared = []
    (site / "data-dictionary.html").write_text(dictionary_html(contracts.ALL.values()), "utf-8")
    for contract in contracts.ALL.values():
        path = site / "templates" / f"{contract.name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(template_csv(contract))
        path.with_suffix(".xlsx").write_bytes(template_xlsx(contract))
        (site / f"guide-{contract.name}.html").write_text(guide_html(contract), "utf-8")
        if (facts := facts_of(contract.name)) is not None:
            (site / f"your-data-{contract.name}.html").write_text(your_data_html(contract, facts), "utf-8")
            shared.append(contract.name)
    write_checkers(site)
    return shared


def layouts() -> dict[str, list[str]]:
    """Dataset -> the shipped maps of it."""
    found: dict[str, list[str]] = {name: [] for name in contracts.ALL}
    for name in suppliers.shipped():
        found[suppliers.load(name).dataset].append(name)
    return found


def write_checkers(site: Path) -> None:
    """The checker page of each shipped map."""
    folder = site / "checkers"
    folder.mkdir()
    for name in suppliers.shipped():
        (folder / f"{name}.html").write_text(checker_html(suppliers.load(name)), "utf-8")


def build(site: Path) -> list[str]:
    """Make the whole site anew; gives a sentence for each link in it that leads nowhere."""
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir()
    pages = write_pages(site)
    write_folders(site, pages)
    write_methods(site)
    write_indicators(site)
    shared = write_datasets(site)
    shown = {
        "contracts": contracts.ALL.values(),
        "shared": shared,
        "layouts": layouts(),
        "methods": ALL.values(),
        "pages": pages,
    }
    write(site, "index.html", "Documentation", _TEMPLATES.get_template("index.html.j2").render(**shown))
    return broken_links(site)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "site")
    site = parser.parse_args().to
    broken = build(site)
    for complaint in broken:
        print(complaint, file=sys.stderr)
    print(f"{sum(1 for _ in site.rglob('*.html'))} pages in {site.name}/, {len(broken)} broken links")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
