"""One declared indicator, computed: through the gate, counted, protected, then made a rate of what may be shown.

Comes in: a desk, a declaration (`contracts/measures/`), a period. Goes out: released tables and sentences. Must never:
work a rate out from a number that is not itself shown, or answer for a purpose that the gate refuses.
"""

from upstander.pipeline.indicators.computing import Computed, compute
from upstander.pipeline.indicators.telling import sentences

__all__ = ["Computed", "compute", "sentences"]
