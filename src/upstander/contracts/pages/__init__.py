"""The pages made from the declarations: their templates and their one style sheet.

Comes in: facts already computed. Goes out: self-contained HTML. Must never: fetch anything, or hold a figure
about people.
"""

from collections.abc import Mapping
from typing import Any


def page(template: str, facts: Mapping[str, Any]) -> str:
    """Fill one of the templates beside this file. Every fact is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = PackageLoader("upstander.contracts", "pages")
    filled = Environment(loader=found, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return filled.get_template(template).render(facts)
