"""One row a reading, copied from its manifest."""

from typing import ClassVar

from django.db import models


class Reading(models.Model):
    """What lists show of a reading. `is_in_force` is what the manifests together say."""

    reading = models.CharField(primary_key=True, max_length=20)
    delivery = models.CharField(max_length=20, db_index=True)
    sequence = models.PositiveIntegerField()
    dataset = models.CharField(max_length=80, db_index=True)
    supplier = models.CharField(max_length=80, db_index=True)
    agency = models.CharField(max_length=200)
    covers_start = models.DateField()
    covers_end = models.DateField()
    is_inferred = models.BooleanField()
    received = models.DateTimeField()
    outcome = models.CharField(max_length=20)
    records = models.PositiveBigIntegerField()
    accepted = models.PositiveBigIntegerField()
    quarantined = models.PositiveBigIntegerField()
    repeated = models.PositiveBigIntegerField()
    set_aside = models.PositiveBigIntegerField()
    is_in_force = models.BooleanField()

    class Meta:
        ordering: ClassVar[list[str]] = ["sequence"]

    def __str__(self) -> str:
        return f"{self.dataset} from {self.supplier}, {self.covers_start} to {self.covers_end}"
