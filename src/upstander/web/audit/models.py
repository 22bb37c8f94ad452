"""Lines of the audit chain, exactly as they were written, with what they say beside them."""

from typing import ClassVar

from django.db import models


class Line(models.Model):
    """One line. `content` is the line itself and the truth; the other columns are for searching, and are checked.

    `seq` is empty for bytes that a crash once left unfinished in a file that was taken over.
    """

    number = models.BigIntegerField(primary_key=True)
    content = models.BinaryField()
    seq = models.BigIntegerField(unique=True, null=True)
    at = models.DateTimeField(null=True)
    person = models.TextField(default="")
    agency = models.TextField(default="")
    purpose = models.TextField(default="")
    dataset = models.TextField(default="")
    action = models.TextField(default="")
    answer = models.TextField(default="")
    agreement = models.TextField(default="")
    subject = models.TextField(default="")
    rows = models.BigIntegerField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=[name], name=f"audit_by_{name}") for name in ("at", "person", "dataset", "subject")
        ]

    def __str__(self) -> str:
        return f"entry {self.seq}"
