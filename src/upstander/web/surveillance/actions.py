"""What changes: places are taken to tasking. The rows and their line in the audit log are one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from upstander.pipeline.injuries.pictures import Card
from upstander.pipeline.injuries.showing import Standing
from upstander.web.accounts.models import Person
from upstander.web.accounts.trail import note
from upstander.web.surveillance.models import TakenToTasking


def take(card: Card, places: Sequence[Standing], reason: str, by: Person, at: datetime) -> list[TakenToTasking]:
    """Put these places of a picture on the list for tasking. A place that somebody took from it already stays once."""
    there = set(
        TakenToTasking.objects.filter(picture=card.number, area__in=[one.area for one in places]).values_list(
            "area", flat=True
        )
    )
    new = [
        TakenToTasking(
            picture=card.number, window=card.window, period=card.period, area=one.area, name=one.name,
            sources=", ".join(one.sources), reason=reason, person=by, at=at,
        )
        for one in places if one.area not in there
    ]  # fmt: skip
    with transaction.atomic():
        note(f"take to tasking {len(new)} places of picture {card.number:04d}", by, at)
        return TakenToTasking.objects.bulk_create(new)
