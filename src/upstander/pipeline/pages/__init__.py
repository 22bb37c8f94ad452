"""The answer of a method as one printed page, for the analyst whose file it was.

Comes in: a method and what it answered. Goes out: self-contained HTML. Must never: fetch anything, or be sent to
anybody: what leaves the network leaves through `disclosure`.
"""

from upstander.analysis.methods import Method, Result

_SECTIONS = ("part", "says", "is_known")  # rows that are sentences of parts, and no table


def answer_html(method: Method, result: Result) -> str:
    """The page: what was asked, the answer, what must hold for it, and where the method comes from."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    found = ChoiceLoader([PackageLoader("upstander.pipeline", "pages"), PackageLoader("upstander.contracts", "pages")])
    filled = Environment(loader=found, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    columns = tuple(out.column for out in method.outputs)
    facts = {"method": method, "result": result, "columns": columns, "is_in_parts": columns == _SECTIONS}
    return filled.get_template("answer.html.j2").render(facts)
