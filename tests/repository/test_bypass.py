"""No code leads from rows about people to a page, a file, a log or an error but through a ReleasedTable.

The companion at run time is tests/cli/test_canaries.py. Each search is first shown a planted bypass.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout import SOURCE

ROOM = SOURCE / "upstander"
SHOWING = ("publish", "web")
MAY_IMPORT = {
    "publish": {"publish", "contracts", "values", "errors"},
    "web": {"web", "sharing", "contracts", "values", "errors"},
}
FRAMES = ("DataFrame", "LazyFrame", "Series", "ndarray", "ir.Table", "pa.Table", "Connection", "Exact")
DATA_LIBRARIES = {"polars", "ibis", "duckdb", "pyarrow", "numpy", "pandas", "sqlite3"}
# Where publish holds columns, and why no row can be in them.
HOLDS_COLUMNS = {
    "publish/exports/tidy.py: Tidy.frame": "the columns of one ReleasedTable, made by tidy() from nothing else",
}
USES_DATA_LIBRARIES = {
    "publish/exports/comparing.py": "compares files with released cells",
    "publish/exports/open_data.py": "writes released cells as CSV",
    "publish/exports/texts.py": "makes text plain, whatever it is",
    "publish/exports/tidy.py": "puts released cells in the order of a file",
    "publish/exports/workbook.py": "puts released cells in the rows of a worksheet",
    "publish/areas.py": "outlines of areas",
    "publish/enlarging.py": "outlines of areas",
    "publish/ground.py": "outlines of areas",
    "publish/maps.py": "outlines of areas",
    "publish/paint.py": "outlines of areas",
    "publish/svg.py": "points of a drawing",
}

FIGURES = "figures about people"  # its function takes a ReleasedTable, or a carrier of them
CARRIERS = {
    "Bulletin": "publish/model.py", "Scorecard": "publish/scorecard.py", "Picture": "pipeline/injuries/picture.py",
    "Tidy": "publish/exports/tidy.py",
}  # fmt: skip
WRITES = {
    "write_whole", "write_output", "append_line", "enter_ledger", "write_text", "write_bytes", "write_parquet",
    "write_csv", "write_json", "write_ndjson", "write_excel", "sink_parquet", "sink_csv", "to_csv", "to_parquet",
    "to_json", "to_excel", "print", "write", "writelines", "write_table", "writerow", "writerows", "dump", "copyfile",
    "copy2", "copyfileobj", "savefig", "tofile",
}  # fmt: skip
WRITERS = {
    "cli/catalogue.py: contract_checker": "the checker page of a contract",
    "cli/catalogue.py: contract_export": "a contract",
    "cli/catalogue.py: contract_guide": "a contract's guide, with a released support table",
    "cli/catalogue.py: contract_template": "a contract's empty template",
    "cli/catalogue.py: method_run": "a method's answer about the caller's own file",
    "cli/catalogue.py: supplier_propose": "headings of the caller's own file",
    "cli/deliveries.py: _tell": "the report to the sender about their own file",
    "cli/governance.py: _write": "who reads what, by agreement",
    "cli/governance.py: agreement_dpia": "agreements",
    "cli/quality.py: scorecard": "a page and numbers that publish made from released tables",
    "cli/serving.py: _Lines.emit": "the site's request log: routes and times, no person and no path",
    "cli/voice.py: complain": "an error's own words",
    "cli/voice.py: say": "a sentence",
    "cli/voice.py: say_json": "what a command answers",
    "cli/voice.py: say_table": "what a command answers",
    "pipeline/accountability.py: as_csv": "who reads what, by agreement",
    "pipeline/child.py: StagedParts._write": "accepted rows, into the warehouse",
    "pipeline/deliver.py: _QuarantineBox.put": "kept-back rows, sealed",
    "pipeline/deliver.py: _layout": "a supplier map",
    "pipeline/demo.py: _desk": "supplier maps of the fictional county",
    "pipeline/demo.py: run_demo": "a supplier map of the fictional county",
    "pipeline/erasing/acting.py: _pour": "a sealed file, without the erased lines",
    "pipeline/findings/taking.py: taken": "the ledger: which figure was taken away, by whom",
    "pipeline/held.py: _unseal": "an accepted reading, into the warehouse",
    "pipeline/held.py: hold": "a held reading, sealed",
    "pipeline/home.py: make_home": "settings",
    "pipeline/indicators/computing.py: _remember": "the ledger: which indicator was asked for",
    "pipeline/injuries/frozen.py: _put": "what a Bulletin says of itself, and the outlines of its areas",
    "pipeline/injuries/frozen.py: freeze": FIGURES,
    "pipeline/injuries/frozen.py: freeze.render": "what the gate answered, and digests of files",
    "pipeline/injuries/making.py: _written": FIGURES,
    "pipeline/injuries/making.py: _written.render": "the files of a Bulletin",
    "pipeline/injuries/showing.py: _remember": "the ledger: who took which paper",
    "pipeline/keeping/backups.py: _copy": "sealed files",
    "pipeline/keeping/backups.py: backup": "a backup, sealed",
    "pipeline/keeping/backups.py: tell_backups": "the register of agreements, sealed",
    "pipeline/keeping/contents.py: sign": "names and digests of files",
    "pipeline/keeping/copies.py: register_backup": "where backups are",
    "pipeline/keeping/mirroring.py: _put": "a backup's files",
    "pipeline/keeping/purging.py: _write": "which readings were destroyed",
    "pipeline/knowledge.py: add_known": "what outsiders know already, as the caller wrote it",
    "pipeline/outputs.py: _write_tables": FIGURES,
    "pipeline/outputs.py: append_ledger": "the ledger: what became of an output",
    "pipeline/outputs.py: enter_ledger": "the ledger: who asked for what",
    "pipeline/outputs.py: write_output": FIGURES,
    "pipeline/quality/scorecard.py: _remember": "the ledger: whose feed was weighed",
    "pipeline/reading.py: _asked": "a job, into the pipe of a reading process",
    "pipeline/reading.py: send_frame": "kept-back rows, into the pipe of a reading process",
    "pipeline/recording.py: add_change": "since when a source records otherwise: a day and a sentence",
    "pipeline/release/approving.py: _enter": "the ledger: which release is out",
    "pipeline/release/attacking.py: attack_release": "what an attacker can work out, of released tables",
    "pipeline/release/exporting.py: _remember": "the ledger: which release was exported to whom",
    "pipeline/release/shelf.py: parquet": "bytes, for a file that another writer writes",
    "pipeline/release/shelf.py: write_edition": "the tables of a release, which building.py cuts by `released`",
    "pipeline/release/exporting.py: take_file": "the ledger: who took which file",
    "pipeline/release/revising.py: revisions_file": "released figures before and after; the ledger: who took them",
    "pipeline/release/tofile.py: table_to_file": "cells of a published release",
    "pipeline/runs.py: record_run": "who ran what, when",
    "pipeline/table.py: _remember": "the ledger: which table was asked for",
    "pipeline/trail.py: export_trail": "the audit log",
    "publish/bulletin.py: write": FIGURES,
    "publish/exports/copies.py: export_release": FIGURES,
    "publish/exports/open_data.py: csv": FIGURES,
    "publish/exports/texts.py: plain_csv": "what each caller gives: entries of the audit log, places taken to tasking",
    "web/deliveries/views/sending.py: mistakes": "lines and rules of the sender's own file, without its values",
    "web/uploading.py: Sealing.receive_data_chunk": "a file as it comes in, sealed",
    "web/secret.py: site_secret": "the site's own secret, outside the home",
}
# Words whose values may come from rows, and where one is quoted all the same.
ROW_WORDS = {
    "row", "rows", "record", "records", "cell", "cells", "frame", "value", "values", "count", "counts", "text", "line",
    "to_dicts", "iter_rows", "to_list", "to_pylist", "item", "fetchall", "fetchone", "token", "person_token",
}  # fmt: skip
QUOTES = {
    ("cli/app.py", "text"): "an error's own facts",
    ("cli/desk.py", "text"): "a word the caller typed",
    ("cli/trail.py", "fault.line"): "the number of a line of the audit log",
    ("cli/trail.py", "text"): "a word the caller typed",
    ("pipeline/injuries/actions.py", "line"): "the number of a line of the caller's list of actions",
    ("pipeline/injuries/actions.py", "text"): "a date of the caller's list of actions",
    ("pipeline/injuries/making.py", "asked.edition.value"): "which edition",
    ("pipeline/release/covering.py", "text"): "a word the caller typed",
    ("pipeline/release/planning.py", "desk.who.purpose.value"): "a purpose",
    ("web/api/actions.py", "token.person.handle"): "the sign-in name of a colleague",
    ("web/api/actions.py", "token.pk"): "the number of a token of the API",
    ("web/api/limits.py", "token.pk"): "the number of a token of the API",
    ("web/store.py", "fault.line"): "the number of a line of the audit log",
}
TELLING = {"debug", "info", "warning", "error", "exception", "critical", "complain", "note", "record_run"}


def trees(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for module in sorted((ROOM / room).rglob("*.py")):
            yield module.relative_to(ROOM).as_posix(), ast.parse(module.read_text("utf-8"))


def called(node: ast.Call) -> str:
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


# Publish and web take nothing but released tables


# What of pipeline and vault the site may use.
NO_ROWS = {
    "upstander.publish.exports.texts": "texts as a CSV file may hold them",
    "upstander.pipeline.attributing": "the words that reference data has to carry",
    "upstander.pipeline.findings": "cells of published releases, as they were released",
    "upstander.pipeline.home": "settings and where things lie",
    "upstander.pipeline.desk": "the desk at which pipeline does what a page or a job asks",
    "upstander.vault": "the home's key, for the desk",
    "upstander.pipeline.injuries.asked": "which datasets a picture shows",
    "upstander.pipeline.injuries.pictures": "frozen pictures, of released tables only, each look through the gate",
    "upstander.pipeline.injuries.showing": "the same pictures drawn, as SVG, PDF and classes",
    "upstander.pipeline.ledger": "what left, to whom, until when",
    "upstander.pipeline.recalling": "which output is called back, and why",
    "upstander.pipeline.release.approving": "who approved which hash",
    "upstander.pipeline.release.attacking": "starts an attack; the page reads bounds out of `telling`",
    "upstander.pipeline.release.covering": "which quarters there are",
    "upstander.pipeline.release.due": "dates and names of feeds",
    "upstander.pipeline.release.exporting": "files of released tables",
    "upstander.pipeline.release.making": "starts the making",
    "upstander.pipeline.release.revising": "a file of released figures, before and after",
    "upstander.pipeline.release.shelf": "which editions there are; its exact cells are asked for in no page, see below",
    "upstander.pipeline.release.telling": "words, counts of cells, figures of released tables",
    "upstander.pipeline.release.verifying": "whether it comes out the same, in words",
    "upstander.pipeline.findings.making": "figures, which publish draws of released tables",
    "upstander.pipeline.findings.taking": "files that publish.exports makes of released tables",
    "upstander.pipeline.accountability": "pages about agreements, and what an annex tells of a dataset in sentences",
    "upstander.pipeline.agreeing": "sentences on what was decided",
    "upstander.pipeline.consequences": "the gate's answers, counts of the audit log, names of outputs",
    "upstander.pipeline.erasing.finding": "the form of who is meant",
    "upstander.pipeline.keeping.backups": "which backups could not be told",
    "upstander.pipeline.looked_at": "entries of the audit log",
    "upstander.pipeline.trail": "whether the audit log is whole",
    "upstander.pipeline.refusals": "entries of the audit log, and the gate's answers",
    "upstander.pipeline.unusual": "entries of the audit log, counted",
    "upstander.pipeline.deliver": "an upload is taken in; what comes back is not looked at",
    "upstander.pipeline.feeds": "which feeds are whose; what manifests say",
    "upstander.pipeline.handouts": "templates, guides, checker pages",
    "upstander.pipeline.held": "which readings wait, and why; deciding about one",
    "upstander.pipeline.indexing": "the index follows the manifests",
    "upstander.pipeline.quality.cards": "a scorecard of released tables, as it was kept",
    "upstander.pipeline.uploads": "sealing a file; the report to its own sender: counts, lines, rules, codes",
}


def rooms_imported(tree: ast.AST) -> set[str]:
    """The rooms that a module imports from, wherever in it."""
    froms = [
        node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module not in NO_ROWS
    ]
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names = [name.split(".") for name in [*froms, *plain]]
    whole = {
        alias.name
        for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "upstander"
        for alias in node.names
    }  # fmt: skip
    return whole | {name[1] for name in names if name[0] == "upstander" and len(name) > 1}


def libraries_imported(tree: ast.AST) -> set[str]:
    plain = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    return plain | {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}


def frames_taken(name: str, tree: ast.AST) -> set[str]:
    """Public parameters and fields that could hold rows, as `module: function.parameter`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            named = [(arg.arg, arg.annotation) for arg in given]
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            named = [(ast.unparse(part.target), part.annotation) for part in fields]
        else:
            continue
        found |= {
            f"{name}: {node.name}.{part}" for part, kind in named
            if kind is not None and any(frame in ast.unparse(kind) for frame in FRAMES)
        }  # fmt: skip
    return found


@pytest.mark.parametrize("room", SHOWING)
def test_what_shows_numbers_imports_no_room_that_holds_rows(room: str) -> None:
    beyond = {name: rooms_imported(tree) - MAY_IMPORT[room] for name, tree in trees(room)}
    assert {name: rooms for name, rooms in beyond.items() if rooms} == {}


EXACT_CELLS = ("sealed_exact", "publications_of", "cells_of", "sealed", "exact_name")


def test_no_page_asks_for_the_exact_cells_of_a_release() -> None:
    def asked(tree: ast.AST) -> set[str]:
        words = names_in(tree) | {one.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for one in n.names}
        return words & set(EXACT_CELLS)

    assert asked(ast.parse("from upstander.pipeline.release.shelf import sealed_exact")) == {"sealed_exact"}
    assert asked(ast.parse("shelf.cells_of(edition, 'small')")) == {"cells_of"}
    assert {name: found for name, tree in trees("web") if (found := asked(tree))} == {}


def test_nothing_that_shows_numbers_takes_a_table_other_than_a_released_one() -> None:
    taken = set().union(*(frames_taken(name, tree) for name, tree in trees(*SHOWING)))
    assert taken == set(HOLDS_COLUMNS)


def test_the_modules_of_publish_and_web_that_use_a_library_of_tables_are_declared() -> None:
    users = {name for name, tree in trees(*SHOWING) if libraries_imported(tree) & DATA_LIBRARIES}
    assert users == set(USES_DATA_LIBRARIES)


def test_a_planted_import_or_table_would_be_found() -> None:
    planted = ast.parse(
        "import upstander.warehouse\nfrom upstander.pipeline.table import counted\nfrom upstander import analysis\n"
        "import ibis, polars as pl\nclass Page:\n    rows: pl.DataFrame\n"
        "def page(rows: 'ir.Table', *, more: list[pl.LazyFrame]): ...\n"
    )
    assert rooms_imported(planted) == {"warehouse", "pipeline", "analysis"}
    assert rooms_imported(ast.parse("from upstander.pipeline.home import Home")) == set()
    assert libraries_imported(planted) & DATA_LIBRARIES == {"ibis", "polars"}
    assert frames_taken("m", planted) == {"m: Page.rows", "m: page.rows", "m: page.more"}


# Released cells are never changed by anyone but disclosure


def changes_cells(tree: ast.AST) -> list[int]:
    """Lines where a table's cells are put in anew, round its only maker."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    replaced = [n for n in calls if called(n) in {"replace", "__replace__"} and "cells" in {k.arg for k in n.keywords}]
    forced = [n for n in calls if called(n) in {"__setattr__", "__new__", "setattr"} and "cells" in ast.unparse(n)]
    return [node.lineno for node in [*replaced, *forced]]


def test_nobody_but_disclosure_puts_other_cells_into_a_released_table() -> None:
    rooms = [path.name for path in ROOM.iterdir() if path.is_dir() and path.name not in {"disclosure", "__pycache__"}]
    assert {name: lines for name, tree in trees(*rooms) if (lines := changes_cells(tree))} == {}


def test_cells_put_in_anew_would_be_found() -> None:
    for code in ("dataclasses.replace(table, cells=exact)", "object.__setattr__(table, 'cells', exact)"):
        assert changes_cells(ast.parse(code)) == [1]


# Every function that writes is declared


def writers_in(name: str, tree: ast.Module) -> dict[str, ast.FunctionDef | None]:
    """Functions that write a file, a ledger, a pipe or the screen, as `module: function`."""
    found: dict[str, ast.FunctionDef | None] = {}

    def visit(node: ast.AST, path: tuple[str, ...], function: ast.FunctionDef | None) -> None:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            path = (*path, node.name)
            function = node if isinstance(node, ast.FunctionDef) else function
        if isinstance(node, ast.Call) and (called(node) in WRITES or opens_to_write(node)):
            found[f"{name}: {'.'.join(path)}"] = function
        for child in ast.iter_child_nodes(node):
            visit(child, path, function)

    visit(tree, (), None)
    return found


def opens_to_write(node: ast.Call) -> bool:
    modes = [part.value for part in [*node.args, *(k.value for k in node.keywords)] if isinstance(part, ast.Constant)]
    return called(node) == "open" and any(isinstance(m, str) and len(m) < 4 and set(m) & set("wax+") for m in modes)


def takes_released(function: ast.FunctionDef | None) -> bool:
    """Whether a parameter is a ReleasedTable or a carrier of them."""
    if function is None:
        return False
    kinds = " ".join(ast.unparse(arg.annotation) for arg in function.args.args if arg.annotation is not None)
    return any(kind in kinds for kind in ("ReleasedTable", *CARRIERS))


def test_every_function_that_writes_is_declared_with_what_it_may_write() -> None:
    found = {}
    for name, tree in trees("pipeline", "cli", "publish", "web"):
        found |= writers_in(name, tree)
    assert set(found) == set(WRITERS), "declare in WRITERS what a new writer may write"
    wanting = [one for one, what in WRITERS.items() if what == FIGURES and not takes_released(found[one])]
    assert wanting == []


def test_what_carries_released_tables_to_a_writer_holds_no_other_table() -> None:
    for carrier, module in CARRIERS.items():
        tree = ast.parse((ROOM / module).read_text("utf-8"))
        (found,) = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == carrier]
        fields = {ast.unparse(part.annotation) for part in found.body if isinstance(part, ast.AnnAssign)}
        held = {kind for kind in fields if any(frame in kind for frame in FRAMES)}
        assert held == ({"pl.DataFrame"} if carrier == "Tidy" else set())
        assert carrier == "Tidy" or any("ReleasedTable" in kind for kind in fields)


def test_a_planted_writer_of_rows_would_be_found() -> None:
    planted = ast.parse(
        "def save(rows: pl.DataFrame, path):\n    rows.write_csv(path)\n"
        "class Page:\n    def keep(self, path):\n        with path.open('ab') as out:\n            pass\n"
        "def tell(table: Mapping[str, ReleasedTable], path):\n    write_whole(path, b'')\n"
    )
    found = writers_in("m", planted)
    assert set(found) == {"m: save", "m: Page.keep", "m: tell"}
    assert [one for one, function in found.items() if takes_released(function)] == ["m: tell"]


# No error or log line quotes a row


def quoted_in(tree: ast.AST) -> set[str]:
    """Expressions in errors, logs, audit notes and run records whose names are those of rows and their values."""
    telling = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and called(node) in TELLING)
    ]  # fmt: skip
    told = [part for node in telling for part in ast.walk(node)]
    filled = [part.value for part in told if isinstance(part, ast.FormattedValue)]
    facts = [part.value for part in told if isinstance(part, ast.keyword) and part.arg in {"found", "where", "about"}]
    plain = [part for part in facts if not isinstance(part, ast.JoinedStr)]
    turned = [part for part in told if isinstance(part, ast.Call) and called(part) in {"str", "repr", "format"}]
    return {ast.unparse(part) for part in [*filled, *plain, *turned] if names_in(part) & ROW_WORDS}


def names_in(node: ast.AST) -> set[str]:
    plain = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return plain | {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}


def test_no_error_or_log_line_quotes_a_value_of_a_row() -> None:
    found = {(name, said) for name, tree in trees("pipeline", "cli", "publish", "web") for said in quoted_in(tree)}
    assert found == set(QUOTES), "an error or log line quotes what may be a value of a row"


@pytest.mark.parametrize(
    "code",
    ["raise Refused(f'{row} is odd')", "raise Refused('odd', found=rows.to_dicts()[0])", "log.warning(f'{cells[0]}')",
     "raise Refused('odd', found=str(frame['area'][0]))", "note(desk, about=f'{record.area}')"],
)  # fmt: skip
def test_a_planted_quotation_would_be_found(code: str) -> None:
    assert quoted_in(ast.parse(code))


def test_the_modules_named_here_exist() -> None:
    named = {one.partition(":")[0] for one in (*WRITERS, *HOLDS_COLUMNS)} | {module for module, _ in QUOTES}
    named |= set(CARRIERS.values()) | set(USES_DATA_LIBRARIES)
    assert [name for name in named if not Path(ROOM / name).is_file()] == []
