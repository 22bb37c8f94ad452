"""What `upstander method` offers: each method declared once, with its inputs, parameters, outputs and source.

Comes in: frames by role as read from any file, parameters as typed words, a seed. Goes out: `describe(method)` and
`run(method, …) -> Result`, both ready to be JSON. Must never: read a file, or mend an input it cannot accept.
"""

from collections.abc import Mapping

from upstander.analysis.methods.change import SPC_XMR
from upstander.analysis.methods.charts import PROCESS_CHART
from upstander.analysis.methods.declaring import Method, Output, Param, Result, WantedColumn, describe
from upstander.analysis.methods.likeness import DRIFT
from upstander.analysis.methods.running import run
from upstander.analysis.methods.seasons import SAME_TIME_LAST_YEAR, SEASONALITY
from upstander.analysis.methods.spelt import STRING_SIMILARITY
from upstander.analysis.methods.when import AORISTIC, DEFAULT_TIME_SPIKES, TEMPORAL_WINDOWS
from upstander.analysis.methods.where import GI_STAR, RANK_INTERVALS
from upstander.analysis.methods.who import HMAC_SHA256, NHS_NUMBER

__all__ = ["ALL", "Method", "Output", "Param", "Result", "WantedColumn", "describe", "run"]

_DECLARED = (
    AORISTIC, DEFAULT_TIME_SPIKES, DRIFT, GI_STAR, HMAC_SHA256, NHS_NUMBER, PROCESS_CHART, RANK_INTERVALS,
    SAME_TIME_LAST_YEAR, SEASONALITY, SPC_XMR, STRING_SIMILARITY, TEMPORAL_WINDOWS,
)  # fmt: skip
ALL: Mapping[str, Method] = {method.name: method for method in _DECLARED}
