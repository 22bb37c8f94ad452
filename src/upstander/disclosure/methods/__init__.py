"""What `upstander method` offers of this room: each method declared once, for tables that are an analyst's own.

Comes in: frames by role, parameters. Goes out: answers about those frames. Must never: make a ReleasedTable, or know
of an agreement; what leaves the network takes its rule from the agreement and goes through `protect`.
"""

from collections.abc import Mapping

from upstander.contracts.methods import Method
from upstander.disclosure.methods.alike import K_ANONYMITY
from upstander.disclosure.methods.auditing import AUDIT
from upstander.disclosure.methods.hiding import SUPPRESSION
from upstander.disclosure.methods.overlapping import DIFFERENCING
from upstander.disclosure.methods.perturbing import CELL_KEY, CONTROLLED_ROUNDING

__all__ = ["ALL"]

_DECLARED = (CELL_KEY, CONTROLLED_ROUNDING, K_ANONYMITY, AUDIT, DIFFERENCING, SUPPRESSION)
ALL: Mapping[str, Method] = {method.name: method for method in _DECLARED}
