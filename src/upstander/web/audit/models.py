"""Lines of the audit chain, exactly as they were written, with what they say beside them; and reviews of looking."""

from typing import Any, ClassVar

from django.db import models


class FirstWord(models.Func):
    """The first word of a text, without a colon: `refused` of `refused: it has ended`.

    Spelt without parameters, so that an engine sees that it is what its index holds.
    """

    template = "RTRIM(SUBSTR(%(expressions)s, 1, INSTR(%(expressions)s || ' ', ' ') - 1), ':')"
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """In the words of PostgreSQL."""
        return self.as_sql(compiler, connection, template="RTRIM(SPLIT_PART(%(expressions)s, ' ', 1), ':')")


class Aside(models.Func):
    """A column whose index is left aside: SQLite keeps no count of how many entries each of two indexes would leave."""

    template = "%(expressions)s"
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """With SQLite's own sign for it."""
        return self.as_sql(compiler, connection, template="+%(expressions)s")


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
        # Each with the place in the chain behind it: what is found is wanted newest first, and a page at a time.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["at", "seq"], name="audit_by_at_seq"),
            *(
                models.Index(fields=[name, "seq"], name=f"audit_by_{name}_seq")
                for name in ("person", "purpose", "dataset", "agreement", "subject")
            ),
            *(models.Index(FirstWord(name), "seq", name=f"audit_by_{name}_word") for name in ("action", "answer")),
        ]

    def __str__(self) -> str:
        return f"entry {self.seq}"


class Week(models.Model):
    """A week whose looking was gone through: how much there was of it."""

    first = models.DateField(unique=True)
    looks = models.PositiveBigIntegerField()
    people = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)

    class Meta:
        ordering: ClassVar[list[str]] = ["-first"]


class Review(models.Model):
    """One thing that stood out in a week, and what became of it. `entries` are places in the audit log."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", "Waiting"
        ASKED = "asked", "Asked about it"
        REVIEWED = "reviewed", "Reviewed, nothing to ask"
        CLOSED = "closed", "Closed"

    week = models.ForeignKey(Week, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=80)
    person = models.CharField(max_length=150)
    said = models.TextField()
    entries = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    note = models.CharField(max_length=500, blank=True, default="")
    by = models.CharField(max_length=150, blank=True, default="")
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-week__first", "person", "kind"]
