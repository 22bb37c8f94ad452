"""Methods about how much several lists see and miss together."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.overlap.fellegi_sunter import FellegiSunter, fellegi_sunter
from upstander.analysis.overlap.frequencies import FromFrequencies, chao_lower_bound, zelterman
from upstander.analysis.overlap.log_linear import PATTERNS, ThreeSources, bootstrap_interval, three_source
from upstander.analysis.overlap.two_source import FEWEST_SHARED, two_source
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn

_CONFIDENCE = Param("confidence", "number", "share of intervals that hold the truth", 0.95, least=0.5, most=0.999)
_LISTS_ASSUMED = (
    "The lists cover the same area, the same days and the same kind of event.",
    "Nothing enters or leaves the events counted while the lists are made.",
    "Events on two lists are recognised as the same: a missed link raises the estimate, a false link lowers it.",
)
_ILLUSTRATIVE = "Illustrative: agencies tell one another of violence, so no estimate is surer than its assumptions."


def _chapman(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    lists = frames["lists"]
    if lists.is_empty():
        raise TooFewPoints(where="lists", found=0, needed=1)
    rows = two_source(lists["n1"], lists["n2"], lists["m"], confidence=params["confidence"])
    few = int((rows["read_as"] != "estimate").sum())
    said = f"{few} rows share under {FEWEST_SHARED} events: read only their lower bound."
    return Answer(
        rows, {"rows": rows.height, "lower_bound_only": few}, (*((said,) if few else ()), _DEPENDENT, _ILLUSTRATIVE)
    )


_DEPENDENT = "Lists that tell one another (ambulance calls police) share more, and the true total is then higher."

CHAPMAN = Method(
    name="chapman",
    version="1.0.0",
    title="Two lists (Chapman)",
    says="How many events two independent lists would see and miss together. With under seven shared events only a "
    "lower bound is read from it.",
    source="Chapman, University of California Publications in Statistics 1(7), 1951; variance: Seber, Biometrika "
    "57(2), 1970; log-normal limits: Burnham and others, Wildlife Monographs 99, 1987; logit limits: Sadinle, "
    "Communications in Statistics 38(9), 2009",
    inputs={
        "lists": (
            WantedColumn("n1", "integer", "events on the first list", "events"),
            WantedColumn("n2", "integer", "events on the second list", "events"),
            WantedColumn("m", "integer", "events on both", "events"),
        )
    },
    params=(_CONFIDENCE,),
    outputs=(
        Output("n1", "integer", "as given", "events"),
        Output("n2", "integer", "as given", "events"),
        Output("m", "integer", "as given", "events"),
        Output("seen", "integer", "on either list", "events"),
        Output("chapman", "number", "estimated total", "events"),
        Output("var", "number", "Seber's variance of it"),
        Output("se", "number", "its root", "events"),
        Output("lo95_wald", "number", "total less z standard errors, not cut off", "events"),
        Output("hi95_wald", "number", "total and z standard errors", "events"),
        Output("lincoln_petersen", "number", "n1 × n2 / m; null where nothing is shared", "events"),
        Output("lo_lognormal", "number", "lower limit, never below what was seen", "events"),
        Output("hi_lognormal", "number", "upper limit", "events"),
        Output("lo_logit", "number", "lower limit by the transformed logit", "events"),
        Output("hi_logit", "number", "upper limit by the transformed logit", "events"),
        Output("lo_exact", "number", "lowest total that the overlap does not exclude", "events"),
        Output("hi_exact", "number", "highest such total; null where nothing is shared", "events"),
        Output("lower_bound", "number", "what may be said at least: the exact lower limit", "events"),
        Output("read_as", "text", "estimate, or lower bound only"),
    ),
    compute=_chapman,
    assumes=(*_LISTS_ASSUMED, "Being on one list makes an event neither likelier nor less likely to be on the other.",
             "Every event is as likely as any other to be on a list."),
)  # fmt: skip


def _from_frequencies(
    method: Callable[..., FromFrequencies], frames: Mapping[str, pl.DataFrame], **asked: Any
) -> Answer:
    table = frames["frequencies"]
    found = method(table["times"].to_numpy(), table["count"].to_numpy(), **asked)
    rows = pl.DataFrame({
        "seen": [found.seen], "f1": [found.f1], "f2": [found.f2], "N": [found.total], "se": [found.se],
        "low": [found.low], "high": [found.high],
    }).with_columns(pl.selectors.float().fill_nan(None))  # fmt: skip
    warnings = () if isfinite(found.total) else ("None was seen once, or none twice: nothing can be estimated.",)
    return Answer(rows, {"seen": found.seen}, (*warnings, _ILLUSTRATIVE))


def _chao(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    return _from_frequencies(
        chao_lower_bound, frames, occasions=params["occasions"], corrected=params["bias_corrected"],
        confidence=params["confidence"],
    )  # fmt: skip


def _zelterman(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    return _from_frequencies(zelterman, frames, confidence=params["confidence"])


_FREQUENCIES = {
    "frequencies": (
        WantedColumn("times", "integer", "how often seen, 1 or more", "times"),
        WantedColumn("count", "integer", "how many were seen so often"),
    )
}
_OF_FREQUENCIES = (
    Output("seen", "integer", "all who were seen"),
    Output("f1", "integer", "seen once"),
    Output("f2", "integer", "seen twice"),
    Output("N", "number", "total with the missed; null where the counts cannot tell"),
    Output("se", "number", "standard error"),
    Output("low", "number", "lower limit, log-normal in the missed"),
    Output("high", "number", "upper limit"),
)
CHAO_LOWER_BOUND = Method(
    name="chao_lower_bound",
    version="1.0.0",
    title="Chao's lower bound",
    says="How many there are at least, from how many were seen once and twice, whatever makes some easier to see.",
    source="Chao, Biometrics 43(4), 1987; occasions: Chao, Biometrics 45(2), 1989",
    inputs=_FREQUENCIES,
    params=(
        _CONFIDENCE,
        Param("occasions", "integer", "lists on which each could be seen; 0 where there is no such number", 0, "lists",
              0, 1000),
        Param("bias_corrected", "boolean", "the form that also stands where none was seen twice", default=False),
    ),
    outputs=_OF_FREQUENCIES,
    compute=_chao,
    assumes=("Sightings of one person or event do not lead to one another.",
             "People differ in how easily they are seen: that makes this a lower bound, not an estimate.",
             "Who is seen twice is recognised."),
)  # fmt: skip
ZELTERMAN = Method(
    name="zelterman",
    version="1.0.0",
    title="Zelterman's estimate",
    says="How many there are, from those seen once and twice alone. One-time recording (a list that sees each once) "
    "makes it far too high.",
    source="Zelterman, J. Statistical Planning and Inference 18(2), 1988; variance: Böhning, Statistical Methodology "
    "5(5), 2008",
    inputs=_FREQUENCIES,
    params=(_CONFIDENCE,),
    outputs=_OF_FREQUENCIES,
    compute=_zelterman,
    assumes=("Those seen once or twice are seen by a Poisson process, as those never seen.",
             "Being seen once changes nothing about being seen again."),
)  # fmt: skip


def _three(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    counts = _seven(frames["patterns"])
    found = three_source(counts, confidence=params["confidence"])
    low, high = bootstrap_interval(
        counts, found.by_aic, replicates=params["replicates"], seed=seed, confidence=params["confidence"]
    )
    twice, once = int(counts[[1, 2, 4]].sum()), int(counts[[3, 5, 6]].sum())
    least = chao_lower_bound([1, 2, 3], [once, twice, int(counts[0])], occasions=3, confidence=params["confidence"])
    summary = {
        "n": found.seen, "N_model_averaged": found.by_aic, "lo_model_averaged": found.low,
        "hi_model_averaged": found.high, "N_bic_averaged": found.by_bic, "lo_bootstrap": low, "hi_bootstrap": high,
        "N_lowest": found.lowest, "N_highest": found.highest, "N_chao_lower_bound": least.total,
    }  # fmt: skip
    return Answer(found.models, summary, tuple(_three_warnings(found)))


def _seven(patterns: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Counts in the order of PATTERNS; a pattern that is not in the file was seen no time."""
    lists = ("c1", "c2", "c3")
    freq = patterns["freq"] if "freq" in patterns.columns else pl.Series("freq", [1] * patterns.height)
    seen = patterns.select(lists).with_columns(freq)
    if not all(patterns[name].is_in([0, 1]).all() for name in lists) or (freq < 0).any():
        raise UnfitNumbers(
            "A list has seen an event or has not.",
            where="patterns, columns c1, c2, c3", found="another number than 0 and 1, or a count under 0",
            expected="0 or 1, and counts of 0 or more",
        )  # fmt: skip
    if int(seen.filter(pl.sum_horizontal(lists) == 0)["freq"].sum()):
        raise UnfitNumbers(
            "Events that no list saw cannot be counted: they are what is estimated.",
            where="patterns, c1 = c2 = c3 = 0", found="a count", expected="no such row, or 0",
        )  # fmt: skip
    total: dict[tuple[int, ...], int] = {tuple(row[:3]): row[3] for row in seen.group_by(lists).sum().rows()}
    return np.array([total.get(pattern, 0) for pattern in PATTERNS], dtype=np.float64)


def _three_warnings(found: ThreeSources) -> list[str]:
    if not isfinite(found.by_aic):
        return ["No model has an estimate: hardly any event is on two lists."]
    said = [
        f"The models run from {found.lowest:,.0f} to {found.highest:,.0f}: their choice matters more than an interval.",
        _ILLUSTRATIVE,
    ]
    lost = found.models["N"].null_count()
    if lost:
        said.insert(0, f"{lost} of 8 models have no estimate: the cells they rest on are empty.")
    return said


CAPTURE_RECAPTURE_THREE_SOURCE = Method(
    name="capture_recapture_three_source",
    version="1.0.0",
    title="Three lists (log-linear models)",
    says="How many events three lists would see and miss together: all eight models, averaged, with the range that "
    "the choice among them leaves.",
    source="Fienberg, Biometrika 59(3), 1972; Hook and Regal, Epidemiologic Reviews 17(2), 1995; profile likelihood: "
    "Cormack, Biometrics 48(2), 1992; averaging: Burnham and Anderson 2002; bootstrap: Norris and Pollock, "
    "Environmental and Ecological Statistics 3(3), 1996",
    inputs={
        "patterns": (
            WantedColumn("c1", "integer", "1 if on list A, else 0"),
            WantedColumn("c2", "integer", "1 if on list B, else 0"),
            WantedColumn("c3", "integer", "1 if on list C, else 0"),
            WantedColumn("freq", "integer", "events seen so; one a row if missing", "events", required=False),
        )
    },
    params=(
        _CONFIDENCE,
        Param("replicates", "integer", "of the bootstrap", 1000, least=200, most=100_000),
    ),
    outputs=(
        Output("model", "text", "lists joined by * depend on one another"),
        Output("df", "integer", "degrees of freedom"),
        Output("deviance", "number", "lack of fit"),
        Output("AIC", "number", "Akaike's criterion"),
        Output("BIC", "number", "Bayesian criterion, by the events seen"),
        Output("missed", "number", "events no list saw; null where the counts cannot tell", "events"),
        Output("se_log_missed", "number", "standard error of log missed"),
        Output("N", "number", "seen and missed", "events"),
        Output("lo_lognormal", "number", "lower limit, log-normal in the missed", "events"),
        Output("hi_lognormal", "number", "upper limit, log-normal in the missed", "events"),
        Output("lo_profile", "number", "lower limit by profile likelihood", "events"),
        Output("hi_profile", "number", "upper limit by profile likelihood; null where there is none", "events"),
        Output("aic_weight", "number", "weight in the average by AIC"),
        Output("bic_weight", "number", "weight in the average by BIC"),
    ),
    compute=_three,
    assumes=(*_LISTS_ASSUMED, "All three lists do not depend on one another together: no data can test that.",
             "What makes events easy to see on one list does not also make them easy to see on the others."),
)  # fmt: skip

_COLUMNS = tuple(f"gamma_col_{number}" for number in range(1, 9))


def _fellegi_sunter(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    patterns = frames["patterns"]
    columns = [name for name in _COLUMNS if name in patterns.columns]
    pairs = patterns["n"].to_numpy() if "n" in patterns.columns else np.ones(patterns.height)
    gamma = patterns.select(pl.col(columns).cast(pl.Float64)).to_numpy()
    found = fellegi_sunter(
        gamma, pairs, m=params["m"], u=params["u"], share=params["share"], most_rounds=params["rounds"]
    )
    nothing = pl.lit(None, pl.Int64)
    rows = patterns.select(
        *(pl.col(name) if name in columns else nothing.alias(name) for name in _COLUMNS),
        pl.Series("n", pairs), pl.Series("match_probability", found.posterior),
        pl.Series("match_weight", _weights(found, gamma)),
    )  # fmt: skip
    summary = {
        "lambda_": found.share, "columns": columns, "m": found.m.tolist(), "u": found.u.tolist(),
        "match_weight_agree_log2": _shown(found.weight_agree), "posterior_by_pattern": found.posterior.tolist(),
        "match_weight_disagree_log2": _shown(found.weight_disagree), "rounds": found.rounds,
    }  # fmt: skip
    return Answer(rows, summary, tuple(_em_warnings(found, columns)))


def _weights(found: FellegiSunter, gamma: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """log2 of the Bayes factor of each pattern; what was not compared adds nothing."""
    each = np.where(gamma == 1, found.weight_agree, np.where(gamma == 0, found.weight_disagree, 0.0))
    return np.asarray(each.sum(axis=1))


def _shown(weights: np.ndarray[Any, Any]) -> list[float | None]:
    return [float(weight) if isfinite(weight) else None for weight in weights]


def _em_warnings(found: FellegiSunter, columns: list[str]) -> list[str]:
    said = []
    if found.switched:
        said.append("Links and others had changed places; they were named so that links are those that agree.")
    if not found.has_settled:
        said.append("The rounds ended before the estimate had settled: raise `rounds`.")
    against = [name for name, m, u in zip(columns, found.m, found.u, strict=True) if m < u]
    if against:
        said.append(f"{', '.join(against)}: agrees less among links than among the others; such a column misleads.")
    return said


FELLEGI_SUNTER_EM = Method(
    name="fellegi_sunter_em",
    version="1.0.0",
    title="Fellegi–Sunter weights by EM",
    says="From counts of which columns agree: how often each agrees among links and by chance, the share of links, and "
    "the probability that a pair of each pattern is one. A comparison that is missing counts neither way.",
    source="Fellegi and Sunter, J. American Statistical Association 64(328), 1969; Winkler, Proceedings of the Section "
    "on Survey Research Methods, ASA, 1988",
    inputs={
        "patterns": (
            *(WantedColumn(name, "integer", "1 agrees, 0 disagrees, empty not compared", gaps=True)
              for name in _COLUMNS[:3]),
            *(WantedColumn(name, "integer", "a further column, in the same way", required=False)
              for name in _COLUMNS[3:]),
            WantedColumn("n", "number", "pairs of this pattern; one a row if missing", "pairs", required=False),
        )
    },
    params=(
        Param("m", "number", "chance of agreement among links that EM starts from", 0.9, least=0.55, most=0.9999),
        Param("u", "number", "chance of agreement among others that EM starts from", 0.1, least=0.0001, most=0.45),
        Param("share", "number", "share of links that EM starts from", 0.1, least=0.000_001, most=0.9),
        Param("rounds", "integer", "of EM at most", 10_000, least=10, most=1_000_000),
    ),
    outputs=(
        *(Output(name, "integer", "as given") for name in _COLUMNS),
        Output("n", "number", "as given", "pairs"),
        Output("match_probability", "number", "that a pair of this pattern is a link"),
        Output("match_weight", "number", "log2 of the odds it adds", "bits"),
    ),
    compute=_fellegi_sunter,
    assumes=("Among links, and among other pairs, columns agree independently of one another.",
             "Of the two kinds of pairs found, links are the one that agrees more.",
             "Missing values are missing for reasons that have nothing to do with being a link."),
)  # fmt: skip
