"""The pages for information governance: the record of processing, the data annex of a DPIA, the use made of data.

Comes in: facts already computed. Goes out: self-contained HTML that prints. Must never: fetch anything, or hold a
value of a record.
"""

from collections.abc import Mapping
from typing import Any


def page(template: str, facts: Mapping[str, Any]) -> str:
    """Fill one of the templates beside this file, in the style of the data dictionary. Every fact is escaped."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    found = ChoiceLoader([PackageLoader("upstander.sharing", "pages"), PackageLoader("upstander.contracts", "pages")])
    filled = Environment(loader=found, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return filled.get_template(template).render(facts)
