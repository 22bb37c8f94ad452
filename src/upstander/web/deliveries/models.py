"""One row a reading, copied from its manifest; and one row a file that was sent by the site."""

from typing import ClassVar

from django.db import models

from upstander.web.accounts.models import Person


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


class Sending(models.Model):
    """A file that somebody sent by the site. `upload` names it in the vault, where its name and its report lie sealed.

    `provider` is the agency whose feed it is; `job` the number of the work that takes it in. `outcome`, `delivery` and
    `reading` are empty until that is done. Aware UTC moments; `size` in bytes.
    """

    upload = models.CharField(primary_key=True, max_length=20)
    dataset = models.CharField(max_length=80)
    supplier = models.CharField(max_length=80)
    provider = models.CharField(max_length=80, db_index=True)
    covers = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sendings")
    sent = models.DateTimeField()
    job = models.BigIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True, default="")
    delivery = models.CharField(max_length=20, blank=True, default="")
    reading = models.CharField(max_length=20, blank=True, default="", db_index=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-sent", "pk"]

    def __str__(self) -> str:
        return f"{self.dataset} from {self.supplier}, sent {self.sent:%Y-%m-%d}"
