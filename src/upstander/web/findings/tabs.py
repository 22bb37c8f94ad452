"""The tabs of the dashboard: which measures each is about, and which figures it shows of the one that is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from upstander.pipeline.findings import Findings
from upstander.pipeline.findings.making import HOME_OFFICE


@dataclass(frozen=True)
class Tab:
    """One tab. datasets: whose measures it is about, none for all. kinds: its figures, in order (findings/making.py).

    `of_each`: instead, one trend of every measure, the Home Office's among them whatever their dataset. about: what
    the tab answers.
    """

    name: str
    title: str
    about: str
    kinds: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    of_each: bool = False
    filters: tuple[str, ...] = ("measure", "period", "area", "age", "sex")

    def measures(self, findings: Findings) -> list[str]:
        """The measures of the release that it is about, the Home Office's first."""
        found = [one for one in findings.choices.measures if not self.datasets or one.dataset in self.datasets]
        return [one.name for one in sorted(found, key=lambda one: not one.name.startswith(HOME_OFFICE))]


_INJURIES = (
    "police_incidents", "ambulance_callouts", "ed_assaults", "hospital_episodes", "police_recorded_crime",
    "fire_incidents", "group_violence", "habitual_knife_carriers",
)  # fmt: skip
_RISKS = (
    "children_in_care", "children_in_custody", "child_criminal_exploitation", "child_deprivation", "education_local",
    "school_exclusions_national", "missing_episodes", "neet", "prison_releases", "probation_supervision",
    "substance_misuse_treatment", "youth_justice_children",
)  # fmt: skip

SUMMARY = Tab(
    "summary", "Summary", "What changed, and whether that is a signal or noise.", of_each=True,
    datasets=_INJURIES[:3],
    filters=("area", "age", "sex"),
)  # fmt: skip
TABS: Sequence[Tab] = (
    SUMMARY,
    Tab("extent", "Extent and nature", "How much there is, where, and of whom.",
        ("trend", "districts", "map", "wards", "people"), _INJURIES),
    Tab("risk", "Vulnerability and risk factors", "What makes violence likelier, as agencies record it.",
        ("trend", "districts", "wards", "people"), _RISKS),
    Tab("impact", "Interventions and impact", "What changed over a year, and what may be said of it.",
        ("change", "trend"), filters=("measure", "area", "age", "sex")),
    Tab("quality", "Data quality", "What each source can and cannot say.", ("quality",), filters=("period",)),
)  # fmt: skip


def tab_named(name: str) -> Tab | None:
    """The tab of that name."""
    return next((one for one in TABS if one.name == name), None)
