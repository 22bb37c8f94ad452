"""How deprived the places are that children live in: the Indices of Deprivation, with that of children (IDACI)."""

from upstander.contracts.asking import Purpose
from upstander.contracts.dataset import DatasetContract, Indicator, Shape
from upstander.contracts.indicators import as_indicators

_CHILDREN, _ELDERS, _PEOPLE = "children aged 0 to 15 living there", "people aged 60 and over living there", "residents"
_DOMAINS = {
    "imd": "Index of Multiple Deprivation",
    "income": "income deprivation",
    "idaci": "Income Deprivation Affecting Children Index",
    "idaopi": "Income Deprivation Affecting Older People Index",
    "employment": "employment deprivation",
    "education": "education, skills and training deprivation",
    "health": "health deprivation and disability",
    "crime": "crime",
    "housing": "barriers to housing and services",
    "environment": "living environment deprivation",
}
_INDICATORS = (
    *(
        Indicator(f"{code}_rank", f"{means}: rank in England, 1 is the worst", "rank")
        for code, means in _DOMAINS.items()
    ),
    *(
        Indicator(f"{code}_decile", f"{means}: tenth of areas, 1 the worst", "decile")
        for code, means in _DOMAINS.items()
    ),
    *(Indicator(f"{code}_score", f"{means}: score, higher is worse", "score") for code, means in _DOMAINS.items()),
    Indicator("idaci_children", "children in income-deprived families", "children", _CHILDREN),
    Indicator("idaopi_people", "older people in income deprivation", "people", _ELDERS),
    Indicator("income_people", "people in income-deprived families", "people", _PEOPLE),
    Indicator("employment_people", "people of working age shut out of work", "people", "people of working age"),
    Indicator("no_education_after_16", "share of young people who do not stay on in education after 16", "share"),
    Indicator("no_higher_education", "share of young people who do not enter higher education", "share"),
    Indicator("adults_low_skills", "share of adults with low skills or little English", "share"),
    Indicator("overcrowding", "share of households that are overcrowded", "share"),
    Indicator("homelessness", "households accepted as homeless", "per 1,000 households"),
)

CHILD_DEPRIVATION = as_indicators(DatasetContract(
    name="child_deprivation",
    title="Deprivation, and that of children (IMD and IDACI)",
    version="1.0",
    one_row_is="one small area, with its ranks, tenths, scores and counts",
    sent_by="Ministry of Housing, Communities and Local Government; the matrix names the Department for Education",
    arrives="every few years: 2010, 2015, 2019, 2025",
    standard="English Indices of Deprivation, open data",
    purposes={Purpose.STRATEGIC: ""},
    number=10,
    shape=Shape.INDICATORS,
    counts_by="period_start",
    columns=(),
    indicators=_INDICATORS,
    groups={},
    retention_days=5479,  # fifteen years: open data, and three editions
    due_within_days=365,
    notes=(
        "A rank compares areas of one edition; it does not say that a place got better or worse between editions.",
        "An index is about a place, not about the people in it: most deprived people live outside its worst tenth.",
        "The edition of 2019 uses the small areas of 2011, that of 2025 those of 2021.",
        "An empty count of children was left empty by its publisher; it is not nought.",
    ),
))  # fmt: skip
