"""What was taken to tasking: a place of a picture, when, and why."""

from typing import ClassVar

from django.db import models

from upstander.web.accounts.models import Person


class TakenToTasking(models.Model):
    """One place that somebody took to tasking. It names places and records, never a person in the data.

    `picture` is the number of the picture, `area` a key such as lsoa21:E01034022, `window` empty for all hours.
    `sources` are those in which the place stands out, in words; empty where it stands out in none.
    """

    picture = models.PositiveIntegerField(db_index=True)
    window = models.CharField(max_length=60, blank=True, default="")
    period = models.CharField(max_length=40)
    area = models.CharField(max_length=200, db_index=True)
    name = models.CharField(max_length=200)
    sources = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=500)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="taken_to_tasking")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "pk"]

    def __str__(self) -> str:
        return f"{self.name}, picture {self.picture:04d}"
