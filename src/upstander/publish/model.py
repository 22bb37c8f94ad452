"""What the injury-surveillance bulletin is made from. The pipeline fills it; nothing here counts anything.

Tables by name (values are floats, dimensions text; any may be absent, and the page then says why):
places      source, area                 records in the window, public places, over the pooled months
weekly      source, week                 records in the window in that week, or in the `weeks_a_point` weeks from it;
                                         week is a Monday, ISO date
usual       source                       mean, with the natural process limits as low and high
signals     source, week, rule, direction    1 for each signal; direction is higher or lower
hours       source, day, hour            records; calendar day 1 Monday to 7 Sunday, hour 00 to 23, local time
ranks       source, area                 median rank, with its 95% interval
stands_out  source, area                 Gi* z of the places named after false-discovery control
one_agency  area, source                 1 where only that source sees the place
tried       source, what                 named: how many of the busiest places of all months but the last three; caught,
                                         at_random, at_best: share of the last three months' records in as many places
unknown     source, what                 records, located, located_in_part, not_located, outside, at_public_place, home,
                                         custody, hospital, abroad, kind_unknown, kind_not_supplied, unsure,
                                         time_known, time_defaulted, time_unknown
rises       source, area, week           records of a place, or of `everywhere`, above what earlier years lead to
                                         expect; low what was expected, high what chance alone rarely passes
judged      source, what                 areas judged, false alarms that chance alone would raise
past_all    source, week, what           records, and of them severe, located, timed: the whole of a source over years
past_weeks  source, area, week           records at public places at all hours, over years: what rises are judged by
offences    source, span, offence        records of an offence, wherever they lie; span is before or now
harm        source, span, measure        records; weighed, unweighed: of them, without homicide; severity: harm without
                                         homicide, with its range; homicides; span is before or now
coming_in   source, week                 the share of its records that one of the newest weeks has by now
ahead       source, week, what           records foreseen: `80` and `95` with the median and limits; in week `all`, the
                                         usual week of the last year and the share of past weeks inside each
changes     action, source, when         records at the action's area, when is before or since; action is its number in
                                         `actions`, from "1", or its words
least_falls action, source               the smallest share fewer that its area's counts are likely to tell from chance
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from upstander.contracts.places import AreaShape
from upstander.contracts.releasing import Edition, ReleasedTable
from upstander.publish.tokens import SOURCES, Source
from upstander.values.periods import Period

EVERYWHERE = "everywhere"  # stands for an area where the whole of a source is judged


@dataclass(frozen=True)
class PlaceLabel:
    """A town's name where it lies, in the metres of the shapes."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class DeliveryFact:
    """What one supplier sent. `late_days` is None where nothing says when it was due; rows are not people.

    `missing` names the days that are due and have not come, such as `October 2026`; `late_days` then counts theirs.
    `received_to` is the last day that anything received speaks for, None where it is not said.
    """

    source: str
    supplier: str
    received: date
    covers: str
    rows_sent: int
    rows_accepted: int
    late_days: int | None = None
    missing: str = ""
    received_to: date | None = None


@dataclass(frozen=True)
class Action:
    """What the last meeting decided. `area` is an area's key or name; `since` the day it began."""

    area: str
    what: str
    owner: str
    due: date | None = None
    since: date | None = None


@dataclass(frozen=True)
class RiseReading:
    """What a rise may be. `sentence`: what speaks for violence and what for its recording. `times`: how many times what
    was expected each source came to, as a sentence; empty where it was not weighed.
    """

    sentence: str
    times: str = ""

    @property
    def words(self) -> str:
        """Both, as they stand beside the rise."""
        return f"{self.sentence} {self.times}".strip()


@dataclass(frozen=True)
class ComingIn:
    """Up to when a source was read, and what that means for its newest weeks.

    `is_known`: whether it can be told how late its records come; the shares stand in the table `coming_in`. `since`:
    the Monday from which on weeks are still coming in. `no_fall_since`: where it cannot be told, the Monday from which
    on a fall is withheld, since earlier weeks had longer to fill up.
    """

    read_on: date
    is_known: bool
    since: date | None = None
    no_fall_since: date | None = None

    @property
    def judged_until(self) -> date | None:
        """The Monday before which days can be compared with earlier ones; None where all can."""
        return self.since or self.no_fall_since

    def holds(self, week: date, weeks: int = 1) -> bool:
        """Whether any of so many weeks from this Monday is still coming in."""
        return self.since is not None and week + timedelta(weeks=weeks - 1) >= self.since


@dataclass(frozen=True)
class Bulletin:
    """One bulletin, complete. `sources` are dataset names; `window` such as `Sat 20:00-02:00`, None for all hours.

    `window_refused` says for a source, in a sentence, why it has no window picture. `unclassified` are the sources that
    never say what kind of place it was: their panel is labelled, since homes are among their records. `rise_readings`
    says of a rise (source, area, week) what it may be. `coming_in` says of a source which of its weeks are still coming
    in; `ahead_refused` why none are foreseen. `frame`: the reference system of the shapes' metres.
    `lists_actions`: `actions` is all that is being done, so that where it names nothing, nothing is.
    """

    network: str
    title: str
    issue_label: str
    edition: Edition
    number: str
    recipients: str
    handling: str
    expires: date
    made_on: date
    period: Period
    months_pooled: int
    window: str | None
    window_refused: Mapping[str, str]
    sources: tuple[str, ...]
    definition: str
    tables: Mapping[str, ReleasedTable]
    shapes: tuple[AreaShape, ...]
    area_names: Mapping[str, str]
    place_labels: tuple[PlaceLabel, ...]
    attributions: tuple[str, ...]
    deliveries: tuple[DeliveryFact, ...]
    actions: tuple[Action, ...]
    made_by: tuple[str, ...]
    caveats: tuple[str, ...]
    rule_words: str
    agreements: tuple[str, ...]
    weeks_a_point: int = 1
    unclassified: tuple[str, ...] = ()
    rise_readings: Mapping[tuple[str, str, str], RiseReading] = field(default_factory=dict)
    coming_in: Mapping[str, ComingIn] = field(default_factory=dict)
    ahead_refused: Mapping[str, str] = field(default_factory=dict)
    frame: str = "EPSG:27700"
    lists_actions: bool = False

    @property
    def present(self) -> tuple[Source, ...]:
        """The sources this bulletin has, in the order of every row of pictures."""
        return tuple(source for source in SOURCES if source.dataset in self.sources)

    @property
    def in_window(self) -> tuple[Source, ...]:
        """The sources whose places are pictured: those the window can show; without one, all."""
        if self.window is None and "places" in self.tables:
            return self.present
        return tuple(source for source in self.present if source.dataset not in self.window_refused)

    def name_of(self, area: str) -> str:
        """What people call an area; its code where it has no name."""
        return self.area_names.get(area, area.partition(":")[2] or area)
