"""Every published result under ../shared by the name of its folder, and those whose method is not there yet."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from oracles import impact, measures, outbreaks, overlap, places
from oracles.comparing import Compared
from oracles.reading import ORACLES

ALL: Mapping[str, Callable[[], Iterator[Compared]]] = {
    "aoristic": places.aoristic,
    "capture_recapture_three_source": overlap.three_lists,
    "chapman": overlap.chapman,
    "cost_benefit_unit_costs": measures.unit_costs,
    "drift_psi_ks": measures.drift,
    "dsr_dobson": measures.direct_rates,
    "ears_c1c2c3": outbreaks.ears,
    "empirical_bayes_smoothing": measures.smoothing,
    "farrington_flexible": outbreaks.farrington,
    "fellegi_sunter_em": overlap.linkage,
    "forecast_baselines": impact.forecasts,
    "gi_star": places.gi_star,
    "gini_generalised": places.concentration,
    "hmac_rfc4231": overlap.keyed_hashes,
    "its_sicily": impact.interrupted_series,
    "knox": places.knox,
    "pai_pei": places.accuracy,
    "rates_ci_byar_wilson_exact": measures.rates,
    "scan_poisson": outbreaks.scan,
    "spc_xmr_nhs_making_data_count": measures.process_charts,
    "string_similarity": overlap.similarity,
    "survival_recidivism": impact.survival,
    "synthetic_control_basque": impact.synthetic_control,
    "temporal_windows": places.windows,
}
# Folder → why nothing is compared. A reason ends the day a method of that name is declared.
WAITING: Mapping[str, str] = {
    "sdc_audit_intervals": "disclosure control has no method of this name yet",
    "sdc_differencing": "disclosure control has no method of this name yet",
}


@cache
def compared(oracle: str) -> tuple[Compared, ...]:
    """What comes of one published result; a method is asked once a process."""
    return tuple(ALL[oracle]())


def folders() -> list[str]:
    """The published results that are here."""
    return sorted(path.name for path in ORACLES.iterdir() if path.is_dir())


def unaccounted(here: Iterable[str], methods: Iterable[str]) -> list[str]:
    """Results that are neither compared nor waiting, or wait although their method is there."""
    there = set(methods)
    return sorted(name for name in here if name not in ALL and (name not in WAITING or name in there))
