"""Maps from one agency's real layout to a contract.

Comes in: TOML files, shipped beside this one or from an operator's folder. Goes out: a checked `Supplier`.
Must never: see a delivery, or guess what a file does not state.
"""

from upstander.intake.suppliers.loading import contract_of, load, names, shipped
from upstander.intake.suppliers.model import Dialect, Filter, NeedsPerson, Places, Repeats, Supplier
from upstander.intake.suppliers.statistics import Areas, Figure, Periods
from upstander.intake.suppliers.templating import template_names

__all__ = [
    "Areas",
    "Dialect",
    "Figure",
    "Filter",
    "NeedsPerson",
    "Periods",
    "Places",
    "Repeats",
    "Supplier",
    "contract_of",
    "load",
    "names",
    "shipped",
    "template_names",
]
