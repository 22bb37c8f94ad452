"""Exact results become numbers that may be shown.

Comes in: exact tables, and the rules that the gate's grants carry. Goes out: ReleasedTable, and nothing else.
Must never: take a threshold from a caller, or let a statistic be worked out from a number that is not itself shown.
"""

from upstander.contracts.rules import strictest
from upstander.disclosure.anonymity import Anonymity, anonymity, ladder
from upstander.disclosure.attack import Bounds, Sum, pinned
from upstander.disclosure.counts import releasable_count
from upstander.disclosure.errors import PersonsNotCounted
from upstander.disclosure.protect import Exact, derive, protect, protect_linked
from upstander.disclosure.sums import dominated

__all__ = [
    "Anonymity",
    "Bounds",
    "Exact",
    "PersonsNotCounted",
    "Sum",
    "anonymity",
    "derive",
    "dominated",
    "ladder",
    "pinned",
    "protect",
    "protect_linked",
    "releasable_count",
    "strictest",
]
