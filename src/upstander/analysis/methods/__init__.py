"""What `upstander method` offers: each method declared once, with its inputs, parameters, outputs and source.

Comes in: frames by role as read from any file, parameters as typed words, a seed. Goes out: `describe(method)` and
`run(method, …) -> Result`, both ready to be JSON. Must never: read a file, or mend an input it cannot accept.
"""

from collections.abc import Mapping

from upstander.analysis.methods.ahead import FORECAST_BASELINES, FORECAST_WEEKLY, STRUCTURAL
from upstander.analysis.methods.answers import IMPACT_ANSWER
from upstander.analysis.methods.change import SPC_XMR
from upstander.analysis.methods.compared import DIFFERENCES, GROUP_TIME, REGRESSION_TO_THE_MEAN, WDD
from upstander.analysis.methods.declaring import Method, Output, Param, Result, WantedColumn, describe
from upstander.analysis.methods.followed import MATCHED_COHORT, SURVIVAL
from upstander.analysis.methods.impact import INTERRUPTED, ITS_SICILY
from upstander.analysis.methods.likeness import DRIFT
from upstander.analysis.methods.mixes import SYNTHETIC_CONTROL, SYNTHETIC_CONTROL_BASQUE
from upstander.analysis.methods.planning import E_TEST, PILOT_POWER, POWER_TWO_RATES
from upstander.analysis.methods.running import run
from upstander.analysis.methods.spelt import STRING_SIMILARITY
from upstander.analysis.methods.when import AORISTIC, DEFAULT_TIME_SPIKES, TEMPORAL_WINDOWS
from upstander.analysis.methods.where import GI_STAR, RANK_INTERVALS
from upstander.analysis.methods.who import HMAC_SHA256, NHS_NUMBER
from upstander.analysis.methods.worth import COST_BENEFIT

__all__ = ["ALL", "Method", "Output", "Param", "Result", "WantedColumn", "describe", "run"]

_DECLARED = (
    AORISTIC, COST_BENEFIT, DEFAULT_TIME_SPIKES, DIFFERENCES, DRIFT, E_TEST, FORECAST_BASELINES, FORECAST_WEEKLY,
    GI_STAR, GROUP_TIME, HMAC_SHA256, IMPACT_ANSWER, INTERRUPTED, ITS_SICILY, MATCHED_COHORT, NHS_NUMBER, PILOT_POWER,
    POWER_TWO_RATES, RANK_INTERVALS, REGRESSION_TO_THE_MEAN, SPC_XMR, STRING_SIMILARITY, STRUCTURAL, SURVIVAL,
    SYNTHETIC_CONTROL, SYNTHETIC_CONTROL_BASQUE, TEMPORAL_WINDOWS, WDD,
)  # fmt: skip
ALL: Mapping[str, Method] = {method.name: method for method in _DECLARED}
