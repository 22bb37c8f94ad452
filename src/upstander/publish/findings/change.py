"""Is it rising: signal or noise, by the XmR rules that fired."""

from collections.abc import Sequence
from datetime import date

from upstander.publish.facts import Facts, Trend
from upstander.publish.findings.common import are, records_of
from upstander.publish.reading import as_number
from upstander.publish.tokens import Source
from upstander.publish.words import capital, counted, first_that_fits, short_day


def movement(trends: Sequence[Trend]) -> str:
    """What moved, as the first half of a headline; empty where no source has a usual range."""
    known = [trend for trend in trends if trend.is_known]
    up, down = _moved(known)
    parts = [f"{records_of(up)} are up"] if up else []
    parts += [f"{records_of(down)} are down"] if down else []
    if parts:
        return " and ".join(parts)
    if known and len(known) == len(trends):
        return "no source shows a signal"
    return f"no signal in {records_of([trend.source for trend in known], 'or')}" if known else ""


def what_changed(facts: Facts) -> tuple[str, ...]:
    """Signals first, then noise, then what cannot be said."""
    known = [trend for trend in facts.trends if trend.is_known]
    up, down = _moved(known)
    said = [
        f"Signal: {records_of(group)} are {side} than usual."
        for group, side in ((up, "higher"), (down, "lower")) if group
    ]  # fmt: skip
    noise = [trend.source for trend in known if trend.now is None]
    if noise:
        said.append(f"Noise: {records_of(noise)} cannot be told apart from usual.")
    said += [ended for trend in known if trend.now is None and (ended := _ended(trend))]
    silent = [trend.source for trend in facts.trends if not trend.is_known]
    if silent:
        said.append(f"{capital(records_of(silent))}: too few weeks with a number to say.")
    return tuple(said)


def finding(facts: Facts) -> str:
    """The sentence above the weeks."""
    known = [trend for trend in facts.trends if trend.is_known]
    if not known:
        return "Signal and noise cannot be told apart: too few weeks have a number."
    up, down = _moved(known)
    is_whole = len(known) == len(facts.trends)
    if not up and not down:
        sources = records_of([trend.source for trend in known], "or")
        whole = "No source shows a signal: the ups and downs are noise."
        return (
            whole if is_whole else first_that_fits([f"No signal in {sources}.", "No signal where one could be told."])
        )
    rest = "; the rest is noise" if is_whole and len(up) + len(down) < len(known) else ""
    if up and down:
        return first_that_fits([
            f"{capital(records_of(up))} are up, {records_of(down)} down: both are signals{rest}.",
            "Some sources are up and some down: both are signals.",
        ])  # fmt: skip
    moved, word = (up, "rise") if up else (down, "fall")
    subject = f"The {word}{are(len(moved), '', 's')} in {records_of(moved)}"
    verb = are(len(moved), "is a signal", "are signals")
    return first_that_fits([f"{subject} {verb}{rest}.", f"The {word} is a signal{rest}."])


def under_weeks(trend: Trend) -> str:
    """What stands under one source's weeks: the last week, or since when there is a signal."""
    latest, usual = trend.latest, trend.weeks.usual
    if latest is None:
        return f"No weekly numbers of {trend.source.records} were released."
    day, cell = latest
    coming = min(trend.weeks.coming, default=None)
    later = "" if day == trend.weeks.days[-1] else " Later ones are withheld or missing."
    later = f" From {short_day(coming)} on still coming in: hollow, not judged." if coming else later
    named = f"The {_point(trend, day)}"
    if usual is None or not trend.is_known:
        plain = f"{named}: {as_number(cell.number)}."
        return f"{plain} Too little is shown to call it signal or noise.{later}"
    low, high = max(usual.low or 0.0, 0.0), usual.high or 0.0
    span = f"{as_number(round(low))} to {as_number(round(high))}"
    if trend.now is not None:
        return f"{_fired(trend)} Usual: {span}.{later}"
    is_inside = low <= cell.number <= high
    place = f"is inside the usual range of {span}" if is_inside else f"is outside the usual {span}, but no rule fired"
    return f"{named}, {as_number(cell.number)}, {place}.{later}"


def _point(trend: Trend, day: date) -> str:
    """`week of 5 Jan`, or `four weeks from 5 Jan`."""
    return f"{trend.point} {'of' if trend.weeks_a_point == 1 else 'from'} {short_day(day)}"


def _ended(trend: Trend) -> str:
    """Said where the drawn weeks hold a signal that is over; else empty."""
    fired = [week for week in trend.weeks.days if week in trend.weeks.signals]
    if not fired:
        return ""
    return f"An earlier signal in {trend.source.records} ended with the {_point(trend, fired[-1])}."


def _fired(trend: Trend) -> str:
    """How many drawn weeks are signals of the kind that holds now, and which was the last."""
    weeks = trend.weeks
    fired = sorted(week for week, is_higher in weeks.signals.items() if is_higher is trend.now and week in weeks.days)
    side = "higher" if trend.now else "lower"
    what = "week" if trend.weeks_a_point == 1 else "point"
    said = f"{counted(len(fired))} {what}{are(len(fired), ' is', 's are')} {side} than chance allows"
    return capital(f"{said}, the last being the {_point(trend, fired[-1])}.")


def _moved(known: Sequence[Trend]) -> tuple[list[Source], list[Source]]:
    """The sources that are higher now, and those that are lower."""
    up = [trend.source for trend in known if trend.now is True]
    return up, [trend.source for trend in known if trend.now is False]
