"""Every small change that the run makes to a module: one comparison, word, number, call or return value at a time.

A mutant is named by module, function, the code as it stands and the code as it becomes; a line number would go stale.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

SHOWN_UP_TO = 100
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.BitXor: ast.BitAnd, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift, ast.Pow: ast.Mult,
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "list"}
_METHODS = {
    "startswith": "endswith",
    "endswith": "startswith",
    "isdisjoint": "issubset",
    "removeprefix": "removesuffix",
}
_SIMPLE = (ast.Return, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Raise, ast.Delete, ast.Continue)
_DISPLAYS = (ast.Tuple, ast.List, ast.Set, ast.Dict)
_Some = TypeVar("_Some")


@dataclass(frozen=True)
class Mutant:
    """One change. `which` tells changes apart that read alike in one function; `is_words` marks mere prose.

    `function` is the outermost function, or what is being defined where the change is outside of all functions; it is
    made `at_import` there, also in what stands in a head: a default, a decorator.
    """

    module: str
    function: str
    original: str
    mutated: str
    line: int
    at_import: bool
    is_words: bool
    place: tuple[ast.AST, str, int | None]
    becomes: ast.AST
    which: int = 1

    @property
    def name(self) -> tuple[str, str, str, str, int]:
        """What the list of equivalents knows it by."""
        return self.module, self.function, self.original, self.mutated, self.which

    def __str__(self) -> str:
        again = f" ({self.which})" if self.which > 1 else ""
        return f"{self.module}:{self.line} {self.function}{again}: {self.original}  →  {self.mutated}"


def mutants_of(path: Path, root: Path) -> tuple[ast.Module, list[Mutant]]:
    """The tree of a module, and its mutants in the order of the code; `apply` changes that tree."""
    tree = ast.parse(path.read_text("utf-8"))
    name = path.relative_to(root).with_suffix("").as_posix()
    found = [_described(name, steps, becomes, is_words=words) for steps, becomes, words in _changes(tree, ())]
    seen: Counter[tuple[str, str, str, str, int]] = Counter()
    numbered = []
    for one in found:
        seen[one.name] += 1
        numbered.append(replace(one, which=seen[one.name]))
    return tree, numbered


def apply(mutant: Mutant) -> ast.AST:
    """Make the change in the tree; gives what stood there."""
    return _put(mutant.place, mutant.becomes)


def _put(place: tuple[ast.AST, str, int | None], node: ast.AST) -> ast.AST:
    parent, field, index = place
    if index is None:
        before = getattr(parent, field)
        setattr(parent, field, node)
    else:
        before, getattr(parent, field)[index] = getattr(parent, field)[index], node
    return before


# ── Where to change something ────────────────────────────────────────────────────────────────────────────────────────

# A step is (node, the field of its parent, the index in that field); the last one is what changes.
Step = tuple[ast.AST, str, int | None]
Steps = tuple[Step, ...]


def _changes(
    node: ast.AST, above: Steps, field: str = "", index: int | None = None
) -> Iterator[tuple[Steps, ast.AST, bool]]:
    steps = (*above, (node, field, index))
    if _is_passed_over(node, steps):
        return
    for becomes, is_words in _alternatives(node, steps):
        for part in ast.walk(becomes):
            ast.copy_location(part, node)
        yield steps, becomes, is_words
    for name, value in ast.iter_fields(node):
        for place, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield from _changes(child, steps, name, place)


def _is_passed_over(node: ast.AST, steps: Steps) -> bool:
    """Docstrings, names of types, what `import *` would bring, and code that only a type checker reads."""
    field = steps[-1][1]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if field == "returns" or (
        field == "annotation" and any(isinstance(above, ast.FunctionDef) for above, _, _ in steps)
    ):
        return True
    if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == "__all__" for to in node.targets):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("TypeVar", "cast")


def _described(module: str, steps: Steps, becomes: ast.AST, *, is_words: bool) -> Mutant:
    nodes = [node for node, _, _ in steps]
    place = (nodes[-2], steps[-1][1], steps[-1][2])
    shown = _shown(nodes)
    original = _text(shown)
    if isinstance(becomes, _DISPLAYS) and isinstance(nodes[-1], _DISPLAYS) and len(original) > SHOWN_UP_TO:
        left_out = next(one for one in _entries(nodes[-1]) if one not in _entries(becomes))
        original, mutated = _text(left_out), "(left out)"
    elif shown is nodes[-1]:
        mutated = _text(becomes)
    else:
        before = _put(place, becomes)
        mutated = _text(shown)
        _put(place, before)
    function, at_import = _owner(steps)
    line = getattr(nodes[-1], "lineno", getattr(nodes[-2], "lineno", 0))
    return Mutant(module, function, original, mutated, line, at_import, is_words, place, becomes)


def _shown(nodes: list[ast.AST]) -> ast.AST:
    """The largest piece of code around a change that is still short, a simple statement at most."""
    shown = nodes[-1]
    for node in reversed(nodes[:-1]):
        is_part = isinstance(node, (ast.JoinedStr, ast.FormattedValue)) or isinstance(
            shown, (ast.cmpop, ast.FormattedValue)
        )
        if not isinstance(node, (ast.expr, ast.keyword, ast.comprehension, *_SIMPLE)):
            break
        if len(_text(node)) > SHOWN_UP_TO and not is_part:
            break
        shown = node
    return shown


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def _owner(steps: Steps) -> tuple[str, bool]:
    """The outermost function with its classes, and whether the change is made when the module is imported."""
    names: list[str] = []
    for (node, _, _), (_, field, _) in pairwise(steps):
        if isinstance(node, ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.FunctionDef):
            return ".".join([*names, node.name]), field != "body"
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            to = node.targets[0] if isinstance(node, ast.Assign) else node.target
            return ".".join([*names, ast.unparse(to)]), True
    return ".".join(names), True


# ── What it becomes ──────────────────────────────────────────────────────────────────────────────────────────────────


def _alternatives(node: ast.AST, steps: Steps) -> Iterator[tuple[ast.AST, bool]]:
    """What a node may become, and whether only prose changes."""
    if isinstance(node, ast.Constant):
        yield from _other_constants(node, steps)
        return
    in_types = any(field == "annotation" for _, field, _ in steps)
    if not in_types:
        is_table = not any(isinstance(above, (ast.FunctionDef, ast.Lambda)) for above, _, _ in steps)
        yield from ((other, False) for other in _other_code(node, is_table=is_table))
        if _is_condition(steps):
            yield ast.UnaryOp(ast.Not(), node), False  # type: ignore[arg-type]


def _other_constants(node: ast.Constant, steps: Steps) -> Iterator[tuple[ast.AST, bool]]:
    value, parent = node.value, steps[-2][0]
    in_text = isinstance(parent, ast.JoinedStr)
    if isinstance(value, bool):
        yield ast.Constant(not value), False
    elif isinstance(value, int):
        yield from ((ast.Constant(value + step), False) for step in (1, -1))
    elif isinstance(value, bytes):
        yield ast.Constant(b"XX" + value), False
    elif isinstance(value, str) and in_text and any(field == "format_spec" for _, field, _ in steps):
        return
    elif isinstance(value, str) and in_text:
        if any(letter.isalpha() for letter in value):
            yield ast.Constant("XX"), True
    elif isinstance(value, str) and not any(
        isinstance(above, ast.Subscript) and field == "slice" and _is_type(above)
        for (above, _, _), (_, field, _) in pairwise(steps)
    ):
        is_prose = " " in value.strip()
        yield ast.Constant("XX" if is_prose else "XX" + value), is_prose


def _is_type(node: ast.Subscript) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("TypeAdapter", "Counter", "tuple", "dict", "list")


def _is_condition(steps: Steps) -> bool:
    """A plain word where a condition stands; what compares or joins has changes of its own."""
    node, field = steps[-1][0], steps[-1][1]
    return (
        field in ("test", "ifs")
        and not isinstance(node, (ast.Compare, ast.BoolOp))
        and not (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
    )


def _other_code(node: ast.AST, *, is_table: bool) -> Iterator[ast.AST]:
    yield from _other_questions(node)
    yield from _other_steps(node)
    match node:
        case ast.BinOp() if not _is_text(node):
            is_of_sets = isinstance(node.op, ast.Sub) and (_is_set(node.left) or _is_set(node.right))
            yield ast.BinOp(node.left, ast.BitOr() if is_of_sets else _ARITHMETIC[type(node.op)](), node.right)
        case ast.FormattedValue():
            yield ast.Constant("XX")
            if node.format_spec is not None:
                yield ast.FormattedValue(node.value, node.conversion, None)
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict() if is_table:
            yield from _without_one(node)
        case ast.Call():
            yield from _other_calls(node)


def _other_questions(node: ast.AST) -> Iterator[ast.AST]:
    """Other answers to what is compared, joined, denied or chosen."""
    match node:
        case ast.Compare():
            for place, op in enumerate(node.ops):
                for other in _COMPARISONS[type(op)]:
                    yield ast.Compare(node.left, [*node.ops[:place], other(), *node.ops[place + 1 :]], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            for place in range(len(node.values)):
                rest = _but(node.values, place)
                yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.IfExp():
            yield node.body
            yield node.orelse


def _other_steps(node: ast.AST) -> Iterator[ast.AST]:
    """A step that is lost, or goes another way."""
    match node:
        case ast.AugAssign():
            yield ast.AugAssign(node.target, _ARITHMETIC[type(node.op)](), node.value)
        case ast.Return(value=ast.expr()) if not _is_nothing(node.value):
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.Expr(value=ast.Call()) | ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name) and node.func.id in _NAMES:
        other = _NAMES[node.func.id]
        kept = [] if other == "list" else node.keywords
        yield ast.Call(ast.Name(other, ast.Load()), node.args, kept)
    if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        yield ast.Call(ast.Attribute(node.func.value, _METHODS[node.func.attr], ast.Load()), node.args, node.keywords)
    for place, keyword in enumerate(node.keywords):
        if keyword.arg in ("key", "default"):
            yield ast.Call(node.func, node.args, [*node.keywords[:place], *node.keywords[place + 1 :]])


def _without_one(node: ast.Tuple | ast.List | ast.Set | ast.Dict) -> Iterator[ast.AST]:
    """A table of the module with one entry less; what is a plain word or number is changed itself."""
    every = node.values if isinstance(node, ast.Dict) else node.elts
    for place in range(len(every)) if not all(isinstance(one, ast.Constant) for one in every) else ():
        if isinstance(node, ast.Dict):
            yield ast.Dict(_but(node.keys, place), _but(node.values, place))
        elif isinstance(node, ast.Set):
            yield ast.Set(_but(node.elts, place))
        else:
            yield type(node)(_but(node.elts, place), node.ctx)


def _entries(node: ast.AST) -> list[ast.expr]:
    """What a table holds; of a dictionary, its keys."""
    return node.keys if isinstance(node, ast.Dict) else node.elts  # type: ignore[attr-defined]


def _but(every: list[_Some], place: int) -> list[_Some]:
    return [*every[:place], *every[place + 1 :]]


def _is_set(node: ast.expr) -> bool:
    is_made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
    return is_made or isinstance(node, (ast.Set, ast.SetComp))


def _is_text(node: ast.BinOp) -> bool:
    """Joined texts: another sign between them would be no Python that runs, and so be found by anything."""
    sides = (node.left, node.right)
    return any(isinstance(side, ast.JoinedStr) or _is_constant_text(side) for side in sides)


def _is_constant_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


def _is_nothing(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
