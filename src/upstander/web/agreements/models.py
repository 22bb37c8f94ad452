"""Signed versions and the decisions about them, as the bytes that vouch for themselves."""

from typing import ClassVar

from django.db import models


class Version(models.Model):
    """One version of an agreement: its canonical bytes and its signature."""

    name = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    content = models.BinaryField()
    signature = models.BinaryField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["name", "version"], name="one_row_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class Act(models.Model):
    """One decision about a version."""

    of = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="acts")
    number = models.PositiveIntegerField()
    record = models.BinaryField()

    class Meta:
        ordering: ClassVar[list[str]] = ["of", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["of", "number"], name="one_act_a_number")
        ]

    def __str__(self) -> str:
        return f"act {self.number} on {self.of}"
