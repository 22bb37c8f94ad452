"""Types that carry trust are made in one room only, and one room alone opens the warehouse's files."""

import ast
import re
from pathlib import Path

import pytest

from checkout import SOURCE, name_of

MODULES = sorted((SOURCE / "upstander").rglob("*.py"))
MAKERS = {
    "Allowed": {"sharing"},
    "Refused": {"sharing"},
    "Grant": {"sharing"},
    "Manifest": {"warehouse"},
    "ReleasedTable": {"disclosure"},
    "Request": {"pipeline", "cli", "sharing"},
}
PARQUET_READERS = {"read_parquet", "scan_parquet", "ParquetFile", "ParquetDataset", "read_table", "read_metadata"}
# Not of the warehouse: released tables are Parquet, places keep reference data in it, the fictional county its truth.
OTHER_PARQUET = {"warehouse", "places", "disclosure", "synthetic"}
# The modules of the pipeline that open what a release and a frozen picture wrote.
OF_OUTPUTS = ["src/upstander/pipeline/injuries/frozen.py", "src/upstander/pipeline/release/shelf.py"]


SQL = re.compile(
    r"\bselect\b[^.;]*\bfrom\b|\bdelete\s+from\b|\binsert\s+into\b|\bupdate\s+\w+\s+set\b", re.IGNORECASE | re.DOTALL
)


def room_of(module: Path) -> str:
    """The package directly under `upstander`, or the module's own name."""
    return module.relative_to(SOURCE / "upstander").parts[0].removesuffix(".py")


def called(tree: ast.AST) -> set[str]:
    """The last name of everything that is called: both `C(...)` and `a.b.C(...)` give C."""
    functions = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {part.id for part in functions if isinstance(part, ast.Name)} | {
        part.attr for part in functions if isinstance(part, ast.Attribute)
    }


def renamed(tree: ast.AST) -> set[str]:
    """Names imported under another one, which would slip past a search by name."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports for alias in node.names if alias.asname not in (None, alias.name)}


def joined_to_paths(tree: ast.AST) -> set[str]:
    """Text constants that stand beside a `/`, as in `home / "warehouse"`."""
    divisions = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)]
    sides = [side for node in divisions for side in (node.left, node.right)]
    return {side.value for side in sides if isinstance(side, ast.Constant) and isinstance(side.value, str)}


def parsed(module: Path) -> ast.AST:
    return ast.parse(module.read_text("utf-8"))


@pytest.mark.parametrize(("name", "rooms"), MAKERS.items(), ids=MAKERS)
def test_it_is_made_in_its_own_room_only(name: str, rooms: set[str]) -> None:
    elsewhere = [
        name_of(m) for m in MODULES if room_of(m) not in rooms and name in called(parsed(m)) | renamed(parsed(m))
    ]
    assert elsewhere == []


@pytest.mark.parametrize("name", ["Allowed", "Refused", "Grant", "Manifest"])
def test_the_search_finds_the_room_that_does_make_it(name: str) -> None:
    assert {room_of(m) for m in MODULES if name in called(parsed(m))} == MAKERS[name]


def test_no_other_room_names_the_warehouses_folder() -> None:
    assert {room_of(m) for m in MODULES if any("warehouse" in text for text in joined_to_paths(parsed(m)))} == {
        "warehouse"
    }


def test_no_room_without_files_of_its_own_reads_parquet() -> None:
    readers = [m for m in MODULES if PARQUET_READERS & called(parsed(m))]
    assert [name_of(m) for m in readers if room_of(m) not in OTHER_PARQUET] == OF_OUTPUTS


def test_nobody_but_the_warehouse_uses_the_engine() -> None:
    users = {room_of(m) for m in MODULES if {"duckdb"} & joined_imports(parsed(m))}
    assert users <= {"warehouse"}


def test_nobody_but_the_warehouse_builds_sql_on_datasets() -> None:
    # The site writes SQL for tables of its own: triggers that refuse changes, and the lines of the audit log.
    writers = [m for m in MODULES if room_of(m) != "warehouse" and any(map(SQL.search, texts_in(parsed(m))))]
    assert [name_of(m) for m in writers if "migrations" not in m.parts] == ["src/upstander/web/audit/log.py"]


def test_the_search_for_sql_finds_it_in_plain_and_in_filled_in_texts() -> None:
    for code in ("'select a from b'", "f'DELETE FROM {table}'", "'INSERT INTO t'", "'UPDATE t SET a = 1'"):
        assert any(map(SQL.search, texts_in(ast.parse(code)))), code
    assert not any(map(SQL.search, texts_in(ast.parse("'Select what you need, then update it.'"))))


def test_rows_leave_the_warehouse_by_one_method_only() -> None:
    """Tables of rows are returned by `read`, which wants an Allowed; by the rest only keys and tokens, named here."""
    tree = parsed(SOURCE / "upstander" / "warehouse" / "store.py")
    (store,) = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == "Warehouse"]
    public = [n for n in store.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    giving = {n.name for n in public if n.returns is not None and re.search("Table|Frame", ast.unparse(n.returns))}
    assert giving == {"read", "held_keys", "token_pairs", "person_tokens"}
    (read,) = [n for n in public if n.name == "read"]
    assert ast.unparse(read.args.args[1].annotation or ast.Constant(None)) == "Allowed"


def texts_in(tree: ast.AST) -> list[str]:
    """Every constant text, and the constant parts of filled-in ones."""
    return [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def joined_imports(tree: ast.AST) -> set[str]:
    """Top-level names of what is imported."""
    plain = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    return plain | {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
