"""Exact results become numbers that may be shown.

Comes in: exact tables, and the rules that the gate's grants carry. Goes out: ReleasedTable, and nothing else.
Must never: take a threshold from a caller, or let a statistic be worked out from a number that is not itself shown.
"""

from upstander.contracts.rules import strictest
from upstander.disclosure.amounts import contributions, dominated
from upstander.disclosure.anonymity import Anonymity, anonymity, ladder
from upstander.disclosure.attack import Attack, attack
from upstander.disclosure.counts import releasable_count
from upstander.disclosure.cubes import Cube, Publication
from upstander.disclosure.differences import differences
from upstander.disclosure.errors import PersonsNotCounted
from upstander.disclosure.protect import Exact, derive, protect, protect_linked, released, without
from upstander.disclosure.protecting import protect_cube
from upstander.disclosure.reopening import reopened
from upstander.disclosure.sums import Group, Sum

__all__ = [
    "Anonymity",
    "Attack",
    "Cube",
    "Exact",
    "Group",
    "PersonsNotCounted",
    "Publication",
    "Sum",
    "anonymity",
    "attack",
    "contributions",
    "derive",
    "differences",
    "dominated",
    "ladder",
    "protect",
    "protect_cube",
    "protect_linked",
    "releasable_count",
    "released",
    "reopened",
    "strictest",
    "without",
]
