"""The cells of a release in words: measures by their titles, areas by their names, periods as people say them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from upstander.contracts.measures import all_measures
from upstander.errors import UpstanderError
from upstander.pipeline.home import Home
from upstander.pipeline.release.given import INSIDE, OUTSIDE
from upstander.pipeline.release.ground import NOWHERE, REMAINDER, WHOLE
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES
from upstander.places import NoSuchLayer, open_reference
from upstander.values.periods import Period

_REST, _BESIDE = f", {REMAINDER}", " beside"


@dataclass(frozen=True)
class Cell:
    """One cell in words: what is counted, when, where, of whom."""

    measure: str
    period: str
    area: str
    who: str


@dataclass(frozen=True)
class Names:
    """What areas are called, by key; an area without a name keeps its key."""

    areas: Mapping[str, str]

    def cell(self, cell: Mapping[str, str]) -> Cell:
        """A cell by its dimensions."""
        return Cell(
            measure_words(cell["measure"]), period_words(cell["period"]), self.area(cell["area"]),
            who_words(cell["age"], cell["sex"]),
        )  # fmt: skip

    def area(self, key: str) -> str:
        """An area, the rest of one, or the whole."""
        if key in (WHOLE, NOWHERE):
            return key
        if _REST in key:
            whole, _, rest = key.partition(_REST)
            return f"elsewhere in {self.area(whole)}{rest.replace(_BESIDE, ', by the areas beside')}"
        part, between, whole = key.partition(" in ")
        named = self.areas.get(part, part)
        return f"{named} in {self.area(whole)}" if between else named


def names_of(home: Home, layers: Iterable[str]) -> Names:
    """The names of the areas of these layers, as the reference data held now gives them."""
    reference = open_reference(home.reference)
    found: dict[str, str] = {}
    for layer in sorted({one for one in layers if one}):
        with suppress(NoSuchLayer):  # areas of a lookup alone have codes and mostly no names
            found |= {f"{layer}:{code}": name for code, name in reference.names(layer).items() if name}
    return Names(found)


def cell_of(text: str) -> dict[str, str]:
    """`measure=…;period=…` as it stands in the figures of a release."""
    return dict(part.partition("=")[::2] for part in text.split(";"))


def measure_words(name: str) -> str:
    """The title of a measure, of what one has more than another, or of what some hours of the week have of it."""
    for hours in (INSIDE, OUTSIDE):
        named, between, window = name.partition(hours)
        if between:
            return f"{measure_words(named)}{hours}{window}"
    wide, _, narrow = name.partition(" without ")
    titles = [known.title if (known := all_measures().get(one)) else one for one in (wide, narrow) if one]
    return ", without ".join(titles)


def period_words(text: str) -> str:
    """`July to September 2026`, `year to March 2026`; what cannot be read, as it is."""
    try:
        period = Period.parse(text)
    except UpstanderError:
        return text
    first, last = period.start, period.last_day
    if period.days < 100:
        return f"{first:%B} to {last:%B %Y}"
    return f"{'financial year' if text.startswith('FY') else '12 months'} to {last:%B %Y}"


def who_words(age: str, sex: str) -> str:
    """Of whom: everyone, or the age and sex that are told."""
    said = [word for word, whole in ((age, ALL_AGES), (sex, ALL_SEXES)) if word != whole]
    return ", ".join(said) if said else "everyone"
