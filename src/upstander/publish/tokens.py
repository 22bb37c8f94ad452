"""Colours and sizes of every product. Source: the project's visual language, section 4 (contrasts proven there)."""

from dataclasses import dataclass, replace

FONT = "Upstander Sans, Arial, sans-serif"  # a name that ends in a digit would need quotes, or nothing of it counts

INK = "#1f1a20"
SECONDARY = "#57505a"
QUIET = "#6f6873"
BORDER = "#86808a"
HAIRLINE = "#dbd7da"
WASH = "#f6f4f3"
PAPER = "#ffffff"
BRAND = "#581f48"
BRAND_WASH = "#f3e9ef"

HIGHER = "#a8431d"
LOWER = "#0b5d86"

COUNTS = ("#f3cdae", "#e68a6c", "#b03f55", "#4a183c")

HATCH_LINE, HATCH_GROUND = "#b3adb5", "#fbfaf9"
MISSING_GROUND = "#cfcacd"
AREA_EDGE, HALO = "#b9b3bb", "#e7e3e6"


@dataclass(frozen=True)
class Source:
    """How one dataset looks and is called everywhere. Shape is the first cue, the word the second, colour the third."""

    dataset: str
    name: str
    records: str  # what its records are, for a sentence
    shape: str
    colour: str


# In the order of every row of pictures: ambulance, police, hospital, as the first proof of concept had it.
SOURCES = (
    Source("ambulance_callouts", "Ambulance", "ambulance call-outs", "triangle", "#0a6a61"),
    Source("police_incidents", "Police", "police records", "square", "#16315f"),
    Source("ed_assaults", "Hospital", "hospital attendances", "disc", "#d96f16"),
)


@dataclass(frozen=True)
class Medium:
    """A drawing is made once a medium, never scaled below its size. Lengths are px (96 to the inch).

    column: width of one of three pictures in a row, lone of one that has no company; strip: width of a rank strip;
    small: text size inside a drawing, 7 pt or 12 px at least.
    """

    name: str
    column: float
    strip: float
    small: float
    lone: float

    def for_pictures(self, count: int) -> "Medium":
        """The medium for a row of so many pictures: one alone is drawn larger."""
        return replace(self, column=self.lone) if count == 1 else self


PRINT = Medium("print", column=222, strip=200, small=9.4, lone=372)
SCREEN = Medium("screen", column=290, strip=288, small=12, lone=290)
WIDE = Medium("wide", column=720, strip=288, small=13, lone=720)  # of a page on a screen; SCREEN is its narrow half
