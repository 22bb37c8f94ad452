"""A draft of a supplier map for a file that nobody has seen before, and what a person must decide.

Comes in: the bytes of a file, a dataset's contract, what shipped maps call its columns. Goes out: guesses, each with a
confidence and its reasons, and a draft that cannot be used while a decision is open. Must never: show a value of the
file, choose between day-first and month-first where the file leaves both open, or be asked by a delivery.
"""

from upstander.intake.proposing.drafting import draft_toml
from upstander.intake.proposing.guessing import Guess, Proposal, propose
from upstander.intake.proposing.sampling import Sample, sample_of

__all__ = ["Guess", "Proposal", "Sample", "draft_toml", "propose", "sample_of"]
