"""Every published result under ../shared by the name of its folder."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from oracles import disclosing, impact, measures, outbreaks, overlap, places
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
    "sdc_audit_intervals": disclosing.audit,
    "sdc_differencing": disclosing.differencing,
    "spc_xmr_nhs_making_data_count": measures.process_charts,
    "string_similarity": overlap.similarity,
    "survival_recidivism": impact.survival,
    "synthetic_control_basque": impact.synthetic_control,
    "temporal_windows": places.windows,
}


@cache
def compared(oracle: str) -> tuple[Compared, ...]:
    """What comes of one published result; a method is asked once a process."""
    return tuple(ALL[oracle]())


def folders() -> list[str]:
    """The published results that are here."""
    return sorted(path.name for path in ORACLES.iterdir() if path.is_dir())


def unaccounted(here: Iterable[str]) -> list[str]:
    """Results that nobody compares."""
    return sorted(set(here) - set(ALL))
