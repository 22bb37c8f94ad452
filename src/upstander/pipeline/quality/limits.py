"""Every threshold of the rules that compare a delivery with those before it.

A rule asks three things at once, so that neither chance, nor the feed's own restlessness, nor a change too small to
matter holds a delivery: is the change large, is it beyond chance, is it beyond what earlier deliveries showed?
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class DriftLimits:
    """Shares are of 1; `sigmas` are standard errors; a PSI over 0.25 is a changed population by the rule of thumb.

    remembered: so many earlier deliveries are the reference. least: fewer than so many say nothing of drift.
    restlessness: a PSI must pass so many times the largest among the earlier deliveries themselves.
    """

    remembered: int = 12
    least: int = 3
    sigmas: float = 4.0
    psi: float = 0.25
    restlessness: float = 1.5
    emptier: float = 0.10
    less_valid: float = 0.05
    default_times: float = 0.10
    on_the_hour: float = 0.15
    outside: float = 0.10
    less_distinct: float = 0.10
    one_place: float = 0.10
    one_person: float = 0.05
    times_more: float = 2.0
    new_code: float = 0.05
    rows_of_a_code: int = 10
    new_length: float = 0.03
    rows_of_a_length: int = 5
    volume: float = 1.5
    volume_of_few: float = 2.0
    points_of_a_chart: int = 6
    quiet_days: int = 7
    rows_of_quiet: float = 12.0
    quiet_share: float = 0.25
    set_aside: float = 0.10
    waived_within: float = 0.05


@dataclass(frozen=True)
class HeldLimits:
    """Against the rows that are held: how many incidents must have changed altogether, how many rows be gone."""

    recycled_days: int = 7
    recycled: int = 12
    recycled_share: float = 0.5
    fewer: float = 0.5
    fewer_rows: int = 10
    repeated_share: float = 0.8


@dataclass(frozen=True)
class GrainLimits:
    """When part of a postcode, age band and sex serve: for a partnership to agree on, and to change.

    wrong_links: at most so many links may join two different people. sure: the area must be right for so many rows
    (Ratcliffe 2004, the least hit rate of a map). easily_found: at most so many rows in groups under five. least:
    fewer rows than so many say nothing. overlap: share of rows with a counterpart in the other agency's file (59% of
    assaults seen in South Wales emergency departments were unknown to the police: Gray et al., J. Epidemiology and
    Community Health 71, 2017). days: how far apart two agencies' records of one event lie at most.
    """

    wrong_links: float = 0.05
    sure: float = 0.85
    easily_found: float = 0.05
    least: int = 50
    overlap: float = 0.4
    days: int = 1


DRIFT, HELD, GRAINS = DriftLimits(), HeldLimits(), GrainLimits()
