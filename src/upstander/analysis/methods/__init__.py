"""What `upstander method` offers: each method declared once, with its inputs, parameters, outputs and source.

Comes in: frames by role as read from any file, parameters as typed words, a seed. Goes out: `describe(method)` and
`run(method, …) -> Result`, both ready to be JSON. Must never: read a file, or mend an input it cannot accept.
"""

from collections.abc import Mapping

from upstander.analysis.methods.accuracy import HOTSPOT_ACCURACY, PAI_PEI, RANK_STABILITY
from upstander.analysis.methods.ahead import FORECAST_BASELINES, FORECAST_WEEKLY, STRUCTURAL
from upstander.analysis.methods.answers import IMPACT_ANSWER
from upstander.analysis.methods.areas import EB_SMOOTHING, FUNNEL_LIMITS
from upstander.analysis.methods.ascertainment import (
    CAPTURE_RECAPTURE_THREE_SOURCE,
    CHAO_LOWER_BOUND,
    CHAPMAN,
    FELLEGI_SUNTER_EM,
    ZELTERMAN,
)
from upstander.analysis.methods.change import SPC_XMR
from upstander.analysis.methods.charts import PROCESS_CHART
from upstander.analysis.methods.clusters import SCAN_PERMUTATION, SCAN_POISSON
from upstander.analysis.methods.compared import DIFFERENCES, GROUP_TIME, REGRESSION_TO_THE_MEAN, WDD
from upstander.analysis.methods.concentrated import CONCENTRATION, GINI_GENERALISED
from upstander.analysis.methods.delayed import REPORTING_DELAY
from upstander.analysis.methods.followed import MATCHED_COHORT, SURVIVAL
from upstander.analysis.methods.grain import GRANULARITY
from upstander.analysis.methods.impact import INTERRUPTED, ITS_SICILY
from upstander.analysis.methods.likeness import DRIFT
from upstander.analysis.methods.linking import (
    LINKAGE,
    MATCHED_EXCESS,
    PROXIMITY_LINKAGE,
    TOTAL_ACROSS_AGENCIES,
    UNKNOWN_TO_POLICE,
)
from upstander.analysis.methods.local import GI_STAR_PERMUTATIONS, LOCAL_MORAN
from upstander.analysis.methods.mixes import SYNTHETIC_CONTROL, SYNTHETIC_CONTROL_BASQUE
from upstander.analysis.methods.planning import E_TEST, PILOT_POWER, POWER_TWO_RATES
from upstander.analysis.methods.rates import RATE_RATIO, RATES_CI, REPEAT_VICTIM_RATE
from upstander.analysis.methods.recording import RECORDING_CHANGE
from upstander.analysis.methods.repeats import KNOX, NEAR_REPEAT
from upstander.analysis.methods.rising import CUSUM, EARS, FARRINGTON
from upstander.analysis.methods.running import run
from upstander.analysis.methods.seasons import SAME_TIME_LAST_YEAR, SEASONALITY
from upstander.analysis.methods.spelt import STRING_SIMILARITY
from upstander.analysis.methods.standardised import DSR_DOBSON, INDIRECT
from upstander.analysis.methods.surface import DENSITY
from upstander.analysis.methods.weighed import CRIME_HARM
from upstander.analysis.methods.when import AORISTIC, DEFAULT_TIME_SPIKES, TEMPORAL_WINDOWS
from upstander.analysis.methods.where import GI_STAR, RANK_INTERVALS
from upstander.analysis.methods.who import HMAC_SHA256, NHS_NUMBER
from upstander.analysis.methods.worth import COST_BENEFIT
from upstander.contracts.methods import Method, Output, Param, Result, WantedColumn, describe

__all__ = ["ALL", "Method", "Output", "Param", "Result", "WantedColumn", "describe", "run"]

_DECLARED = (
    AORISTIC, CAPTURE_RECAPTURE_THREE_SOURCE, CHAO_LOWER_BOUND, CHAPMAN, CONCENTRATION, COST_BENEFIT, CRIME_HARM,
    CUSUM, DEFAULT_TIME_SPIKES, DENSITY, DIFFERENCES, DRIFT, DSR_DOBSON, EARS, EB_SMOOTHING, E_TEST, FARRINGTON,
    FELLEGI_SUNTER_EM, FORECAST_BASELINES, FORECAST_WEEKLY, FUNNEL_LIMITS, GINI_GENERALISED, GI_STAR,
    GI_STAR_PERMUTATIONS, GRANULARITY, GROUP_TIME, HMAC_SHA256, HOTSPOT_ACCURACY, IMPACT_ANSWER, INDIRECT,
    INTERRUPTED, ITS_SICILY, KNOX, LINKAGE, LOCAL_MORAN, MATCHED_COHORT, MATCHED_EXCESS, NEAR_REPEAT, NHS_NUMBER,
    PAI_PEI, PILOT_POWER, POWER_TWO_RATES, PROCESS_CHART, PROXIMITY_LINKAGE, RANK_INTERVALS, RANK_STABILITY,
    RATES_CI, RATE_RATIO, RECORDING_CHANGE, REGRESSION_TO_THE_MEAN, REPEAT_VICTIM_RATE, REPORTING_DELAY,
    SAME_TIME_LAST_YEAR, SCAN_PERMUTATION, SCAN_POISSON, SEASONALITY, SPC_XMR, STRING_SIMILARITY, STRUCTURAL,
    SURVIVAL, SYNTHETIC_CONTROL, SYNTHETIC_CONTROL_BASQUE, TEMPORAL_WINDOWS, TOTAL_ACROSS_AGENCIES,
    UNKNOWN_TO_POLICE, WDD, ZELTERMAN,
)  # fmt: skip
ALL: Mapping[str, Method] = {method.name: method for method in _DECLARED}
