"""A published release as something that can be asked: what there is to choose, and the cells that answer.

Comes in: a published edition, a question. Goes out: released cells, as a frame or as a ReleasedTable; choices in words;
one figure with how it was made. Needs no key of the vault. Must never: show a cell that the release does not tell, or
one of a dataset that the reader's agency may not see.
"""

from upstander.pipeline.findings.asking import NotReleased, Question
from upstander.pipeline.findings.choices import AreaChoice, Choices, MeasureChoice, PeriodChoice
from upstander.pipeline.findings.reading import Findings, findings_of
from upstander.pipeline.findings.seeing import Looking, datasets_seen, editions_out, findings_named, findings_now
from upstander.pipeline.release.ground import WHOLE
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES

__all__ = [
    "ALL_AGES",
    "ALL_SEXES",
    "WHOLE",
    "AreaChoice",
    "Choices",
    "Findings",
    "Looking",
    "MeasureChoice",
    "NotReleased",
    "PeriodChoice",
    "Question",
    "datasets_seen",
    "editions_out",
    "findings_named",
    "findings_now",
    "findings_of",
]
