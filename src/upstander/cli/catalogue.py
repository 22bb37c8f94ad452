"""Commands about what is known: contract, supplier, method."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import (
    AgencyOption,
    HomeOption,
    JsonOption,
    PersonOption,
    WhyOption,
    desk,
    home_folder,
    one_of,
    today,
)
from upstander.errors import WrongUsage

if TYPE_CHECKING:
    from upstander.contracts import Column, DatasetContract

contract_app = typer.Typer(help="What to send, and an empty file to fill.", no_args_is_help=True)
supplier_app = typer.Typer(help="Maps of real layouts.", no_args_is_help=True)
method_app = typer.Typer(help="Any analysis on any file, with its parameters.", no_args_is_help=True)
app.add_typer(contract_app, name="contract")
app.add_typer(supplier_app, name="supplier")
app.add_typer(method_app, name="method")

NameArgument = Annotated[str, typer.Argument(help="Its name.")]
ShapeOption = Annotated[str, typer.Option("--shape", help="incidents, records or indicators, where it has several.")]


@contract_app.command("list")
def contract_list(as_json: JsonOption = False) -> None:
    """The datasets there are."""
    from upstander import contracts

    if as_json:
        voice.say_json(
            [{"name": one.name, "title": one.title, "version": one.version} for one in contracts.ALL.values()]
        )
        return
    rows = [(one.name, one.title, one.one_row_is, one.arrives) for one in contracts.ALL.values()]
    voice.say_table("", ("Dataset", "Title", "One row is", "Arrives"), rows)


@contract_app.command("show")
def contract_show(name: NameArgument, shape: ShapeOption = "", as_json: JsonOption = False) -> None:
    """The columns of a dataset: meaning, need, codes, what becomes of each."""
    found = _contract(name, shape)
    rows = [
        (one.name, one.kind.value, "required" if one.required else "", one.means, _fate(one)) for one in found.columns
    ]
    if as_json:
        keys = ("column", "kind", "required", "means", "becomes")
        voice.say_json({"name": found.name, "columns": [dict(zip(keys, row, strict=True)) for row in rows]})
        return
    voice.say(f"{found.title}: one row is {found.one_row_is}. {found.standard}.")
    voice.say_table("", ("Column", "Kind", "Need", "Meaning", "What becomes of it"), rows)


@contract_app.command("template")
def contract_template(
    name: NameArgument,
    shape: ShapeOption = "",
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write a workbook with drop-down lists here.")] = None,
) -> None:
    """An empty file with the dataset's columns: CSV to standard output, or a workbook to a file."""
    from upstander.contracts.template_sheets import template_xlsx
    from upstander.contracts.templates import template_csv

    contract = _contract(name, shape)
    if xlsx is None:
        sys.stdout.write(template_csv(contract).decode())
        return
    xlsx.write_bytes(template_xlsx(contract))
    is_own = contract.shape is _contract(name).shape
    layout = f"template_{name}" if is_own else f"template_{name}_{contract.shape}"
    voice.say(f"The template is in {xlsx}. Filled, it is read by --supplier {layout}.")


@contract_app.command("guide")
def contract_guide(
    name: NameArgument,
    html: Annotated[Path, typer.Option("--html", help="Write the page here.")],
    shape: ShapeOption = "",
    numbers: Annotated[
        bool, typer.Option("--numbers", help="With what the rows held support, asked of the gate for stewardship.")
    ] = False,
    home: HomeOption = None,
    person: PersonOption = None,
    agency: AgencyOption = None,
    why: WhyOption = None,
) -> None:
    """How to make the extract, on one printed page: what to send, when, and the commonest mistakes."""
    from upstander.contracts.guide import guide_html

    contract, said = _contract(name, shape), ""
    if numbers:
        from upstander.pipeline.quality.support import support
        from upstander.publish.support import brief

        said = brief(support(desk(home, person, "stewardship", why, agency), name))
    html.write_text(guide_html(contract, support=said), "utf-8")
    voice.say(f"The guide is in {html}.")


@contract_app.command("checker")
def contract_checker(
    name: NameArgument,
    supplier: Annotated[str, typer.Option("--supplier", help="Whose layout; a name, or a TOML file of yours.")],
    out: Annotated[Path, typer.Option("--out", help="Write the page here, such as checker.html.")],
    home: HomeOption = None,
) -> None:
    """A page for a sender's own computer: it says what `check` says of a CSV file, and sends nothing."""
    from upstander.intake import suppliers
    from upstander.intake.checker import checker_html

    layout = suppliers.load(supplier, folders=[home_folder(home) / "suppliers"])
    if layout.dataset != _contract(name).name:
        raise WrongUsage(f"The map '{supplier}' is for {layout.dataset}.", found=name, expected=layout.dataset)
    out.write_text(checker_html(layout), "utf-8")
    voice.say(f"The page is in {out}. Give it to who sends the file; it opens from a disk.")


@contract_app.command("export")
def contract_export(name: NameArgument, shape: ShapeOption = "") -> None:
    """The contract as Open Data Contract Standard YAML, for other tools, to standard output."""
    from upstander.contracts.standard import as_open_standard

    sys.stdout.write(as_open_standard(_contract(name, shape)))


def _contract(name: str, shape: str = "") -> "DatasetContract":
    from upstander import contracts

    if name not in contracts.ALL:
        raise WrongUsage(f"There is no dataset '{name}'.", found=name, expected=", ".join(contracts.ALL))
    wanted = one_of(contracts.Shape, shape or None)
    return contracts.in_shape(name, wanted) if wanted else contracts.ALL[name]


def _fate(column: "Column") -> str:
    if column.free_text:
        return "read for where it was, the words never stored" if column.becomes else "read for checks, never stored"
    if column.identifies:
        return f"kept as a keyed token or a band: {', '.join(column.becomes)}" if column.becomes else "dropped"
    return ", ".join(column.becomes) or "checked, then dropped"


@supplier_app.command("list")
def supplier_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The maps that are shipped, and those of this installation."""
    from upstander.intake import suppliers

    own = sorted(path.stem for path in (home_folder(home) / "suppliers").glob("*.toml"))
    names = [*suppliers.shipped(), *own]
    maps = [suppliers.load(name, folders=[home_folder(home) / "suppliers"]) for name in names]
    rows = [(one.name, one.dataset, one.agency, one.version, one.dated.isoformat(), one.source) for one in maps]
    columns = ("Map", "Dataset", "Agency", "Version", "Dated", "Source")
    if as_json:
        voice.say_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        voice.say_table("", columns, rows)


@supplier_app.command("show")
def supplier_show(name: NameArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """One map: which heading becomes which column, formats, codes, filter."""
    from upstander.intake import suppliers

    found = suppliers.load(name, folders=[home_folder(home) / "suppliers"])
    if as_json:
        voice.say_json(found.model_dump(mode="json"))
        return
    voice.say(f"{found.name} {found.version} ({found.dated}): {found.agency} → {found.dataset}. {found.source}")
    voice.say(f"Delivers {found.delivers}; zone {found.zone}; ids {found.ids}.")
    rows = [*found.columns.items(), *((f"{' + '.join(parts)}", column) for column, parts in found.split.items())]
    voice.say_table("", ("Heading", "Becomes"), rows)
    voice.say_table("", ("Heading set aside", "Because"), list(found.ignored.items()))
    if found.filter:
        voice.say(f"Rows are set aside unless {found.filter.column} fits: {found.filter.reason}")


@supplier_app.command("propose")
def supplier_propose(
    file: Annotated[Path, typer.Argument(help="A file whose layout no map knows.")],
    dataset: Annotated[str | None, typer.Option("--dataset", help="Which dataset it is, if that is known.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the draft here, such as ours.toml.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Draft a map for a file not seen before: a guess for each heading, how sure and why, and what a person decides."""
    from upstander.intake.proposing import draft_toml, propose, sample_of

    if not file.is_file():
        raise WrongUsage(f"There is no file {file}.", found=str(file), expected="a CSV file")
    sample = sample_of(file.read_bytes())
    found = propose(sample, dataset=_contract(dataset).name if dataset else None)
    draft = draft_toml(found, sample, name=out.stem if out else "draft", today=today().isoformat())
    if out is not None:
        out.write_text(draft, "utf-8")
    if as_json:
        voice.say_json({**asdict(found), "draft": draft})
        return
    rows = [
        (one.heading, one.column or "(left out)", f"{one.confidence:.0%}", "; ".join(one.reasons))
        for one in found.guesses
    ]
    voice.say_table(
        f"It looks like {found.dataset}, as {found.shape}",
        ("Heading", "Seems to be", "Sure", "Because"),
        rows,
        numbers=("Sure",),
    )
    voice.say_table("Before it can be used, a person decides", ("",), [(question,) for question in found.decisions])
    voice.say(f"The draft is in {out}." if out else "Write it with --out FILE.toml; then edit it.")


@method_app.command("list")
def method_list(as_json: JsonOption = False) -> None:
    """The methods there are."""
    from upstander.pipeline.methods import ALL

    rows = [(one.name, one.version, one.title, one.source) for one in ALL.values()]
    if as_json:
        voice.say_json([{"name": name, "version": version, "title": title} for name, version, title, _ in rows])
    else:
        voice.say_table("", ("Method", "Version", "Title", "Source"), rows)


@method_app.command("show")
def method_show(name: NameArgument, as_json: JsonOption = False) -> None:
    """What a method takes and gives, and where it comes from."""
    from upstander.contracts.methods import describe
    from upstander.pipeline.methods import find_method

    found = find_method(name)
    told = describe(found)
    if as_json:
        voice.say_json(told)
        return
    voice.say(f"{found.title} ({found.name} {found.version}). {found.says}")
    voice.say(f"Source: {found.source}")
    for said in found.assumes:
        voice.say(f"Must hold: {said}")
    inputs = [
        (role, one["column"], one["type"], one["unit"], one["required"])
        for role, cols in told["inputs"].items()
        for one in cols
    ]
    voice.say_table("Takes", ("Input", "Column", "Type", "Unit", "Required"), inputs)
    params = [(one["name"], one["type"], one["default"], one["min"], one["max"]) for one in told["params"]]
    voice.say_table("Parameters", ("Name", "Type", "Default", "Least", "Most"), params)
    voice.say_table(
        "Gives", ("Column", "Type", "Unit"), [(one["column"], one["type"], one["unit"]) for one in told["output"]]
    )


@method_app.command("run")
def method_run(
    name: NameArgument,
    inputs: Annotated[list[str], typer.Option("--input", help="FILE, or ROLE=FILE; may be given again.")],
    params: Annotated[list[str] | None, typer.Option("--param", help="name=value; may be given again.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="For methods that draw at random.")] = 1,
    html: Annotated[Path | None, typer.Option("--html", help="Write the answer as one page to print.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Run a method on a file of yours. Nothing is stored but the page you ask for."""
    from upstander.pipeline.methods import find_method, run_method

    files = {role: Path(path) for role, path in map(_role_and_file, inputs)}
    result = run_method(name, files, dict(_pair(word) for word in params or []), seed=seed)
    if html is not None:
        from upstander.pipeline.pages import answer_html

        html.write_text(answer_html(find_method(name), result), "utf-8")
    if as_json:
        voice.say_json(result.as_json())
        return
    rows = [[cell if cell is not None else "" for cell in row.values()] for row in result.rows]
    voice.say_table(f"{result.method} {result.version}", tuple(result.rows[0]) if result.rows else (), rows)
    voice.say(json.dumps(result.as_json()["summary"], ensure_ascii=False))
    for warning in result.warnings:
        voice.complain(warning)


def _role_and_file(word: str) -> tuple[str, str]:
    role, equals, path = word.partition("=")
    return (role, path) if equals and not Path(word).is_file() else ("", word)


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals:
        raise WrongUsage(f"'{word}' is not a parameter.", found=word, expected="name=value")
    return name, value
