"""How finely a row may tell a person: grains of place and age, with or without sex, and what else is known."""

from dataclasses import dataclass

PLACES = {"unit": "whole postcode", "sector": "sector", "district": "district", "area": "postcode area"}
AGES = {"year": "age in years", "band": "age band", "broad": "broad age", "": ""}
ETHNIC_GROUP, WEEK = "ethnic group", "week"


@dataclass(frozen=True)
class Grains:
    """One choice. `place` is of PLACES, `age` of AGES (empty for none); `more` are further things that are known."""

    place: str
    age: str = ""
    has_sex: bool = False
    more: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Such as `sector+band+sex`."""
        return "+".join([self.place, *([self.age] if self.age else []), *(["sex"] if self.has_sex else []), *self.more])

    @property
    def in_words(self) -> str:
        """Such as `sector, age band, sex`."""
        told = [PLACES[self.place], AGES[self.age], "sex" if self.has_sex else "", *self.more]
        return ", ".join(word for word in told if word)

    @property
    def is_finer_than_held(self) -> bool:
        """Whether the warehouse holds it bluntly only, so that numbers about it are estimates."""
        return self.place == "unit" or self.age == "year"


USUAL = Grains("sector", "band", has_sex=True)
WITH_MORE = (
    Grains("sector", "band", has_sex=True, more=(ETHNIC_GROUP,)),
    Grains("sector", "band", has_sex=True, more=(ETHNIC_GROUP, WEEK)),
)
# Finest first.
EVERY = (
    *(Grains(place, age, sex) for place in PLACES for age in ("year", "band", "broad") for sex in (True, False)),
    *WITH_MORE,
)
SHOWN = (
    Grains("unit", "year", has_sex=True),
    Grains("unit", "band", has_sex=True),
    *reversed(WITH_MORE),
    USUAL,
    Grains("sector", "broad", has_sex=True),
    Grains("sector", "band"),
    Grains("district", "band", has_sex=True),
    Grains("district", "broad", has_sex=True),
    Grains("area", "broad", has_sex=True),
)
BY_CODE = {one.code: one for one in EVERY}
