"""Forms about the audit log. What is typed of a person is used in memory and put down nowhere."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import ALL
from upstander.sharing import AuditSearch
from upstander.web.audit.models import Line, Review
from upstander.web.opened import opened

_HERE = ZoneInfo("Europe/London")
_ANY = [("", "Any")]
_ACTIONS = ("read", "look", "deliver", "export", "bulletin", "release", "sign", "ended", "suspended", "withdrawn",
            "recall", "erase", "search", "open")  # fmt: skip
_DAYS = ["%Y-%m-%d", "%d/%m/%Y"]
_WRONG_DAY = {"invalid": "Enter a day such as 2026-11-01"}


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, input_formats=_DAYS, error_messages=_WRONG_DAY,
        widget=forms.DateInput(attrs={"data-width": "10", "inputmode": "numeric"}, format="%Y-%m-%d"),
    )  # fmt: skip


class SearchForm(forms.Form):
    """Which entries. A field that is left empty asks for nothing."""

    person = forms.CharField(
        label="Who looked", required=False, max_length=150,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "data-width": "20"}),
    )  # fmt: skip
    agreement = forms.ChoiceField(label="Under which agreement", required=False)
    dataset = forms.ChoiceField(label="Dataset", required=False)
    purpose = forms.ChoiceField(
        label="Purpose", required=False, choices=[*_ANY, *((p.value, p.value) for p in Purpose)]
    )
    action = forms.ChoiceField(label="What was done", required=False, choices=[*_ANY, *((a, a) for a in _ACTIONS)])
    answer = forms.ChoiceField(
        label="Answer", required=False, choices=[*_ANY, ("allowed", "Allowed"), ("refused", "Refused")]
    )
    first = _day("First day")
    last = _day("Last day")

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        names = sorted({one.name for one in opened().register.all()})
        self.fields["agreement"].choices = [*_ANY, *((name, name) for name in names)]  # type: ignore[attr-defined]
        titles = sorted((one.title, name) for name, one in ALL.items())
        self.fields["dataset"].choices = [*_ANY, *((name, title) for title, name in titles)]  # type: ignore[attr-defined]

    def clean_person(self) -> str:
        """Somebody who is in the log: anything else, an identifier pasted by mistake say, must be written nowhere."""
        person = str(self.cleaned_data["person"])
        if person and not Line.objects.filter(person=person).exists():
            raise forms.ValidationError(
                "Nobody of that name is in the audit log. Enter a sign-in name, such as p.okoro"
            )
        return person

    def wanted(self, before: int | None = None) -> AuditSearch:
        """What is asked for, days being those of the partnership's wall calendar."""
        said = self.cleaned_data
        first, last = said["first"], said["last"]
        return AuditSearch(
            since=datetime.combine(first, time(0), _HERE).astimezone(UTC) if first else None,
            until=datetime.combine(last + timedelta(days=1), time(0), _HERE).astimezone(UTC) if last else None,
            person=said["person"], agreement=said["agreement"], dataset=said["dataset"], purpose=said["purpose"],
            action=said["action"], answer=said["answer"], before=before,
        )  # fmt: skip

    @property
    def in_words(self) -> str:
        """What is asked for, as it is written down."""
        told = [f"{self.fields[name].label}: {value}" for name, value in self.cleaned_data.items() if value]
        return "; ".join(told) or "every entry"

    @property
    def asked(self) -> dict[str, str]:
        """The fields that ask for something, as a form sends them again."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


def _secret(label: str, **named: Any) -> forms.CharField:
    width = named.pop("width", "20")
    return forms.CharField(
        label=label, required=False, max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "data-width": width}
        ),
        **named,
    )  # fmt: skip


class PersonForm(forms.Form):
    """Somebody who may have been looked at. The more is said, the less is missed."""

    nhs_number = _secret("NHS number", width="10")
    surname = _secret("Surname")
    forename = _secret("Forename")
    born = forms.DateField(
        label="Date of birth", required=False, input_formats=_DAYS, error_messages=_WRONG_DAY,
        help_text="Such as 2008-03-14. Surname, forename and date of birth count together only.",
        widget=forms.DateInput(attrs={"autocomplete": "off", "data-width": "10"}, format="%Y-%m-%d"),
    )  # fmt: skip
    reference = _secret("An agency’s own number")
    supplier = forms.ChoiceField(label="Of which supplier", required=False)
    token = _secret("A token, as a page showed it")
    why = forms.CharField(
        label="Reason", max_length=300, error_messages={"required": "Enter the reason"},
        help_text="It is written in the audit log. Name nobody in it, and no number.",
    )  # fmt: skip

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        every = {one for terms in opened().register.all() for part in terms.schedules for one in part.suppliers}
        self.fields["supplier"].choices = [("", "Choose a supplier"), *((one, one) for one in sorted(every))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A number has a supplier, and the reason holds nothing of what is searched for."""
        found = super().clean() or {}
        if found.get("reference") and not found.get("supplier"):
            self.add_error("supplier", "Choose whose number it is")
        said = [found.get(name, "") for name in ("nhs_number", "surname", "forename", "reference", "token")]
        why = _plain(found.get("why", ""))
        if any(_plain(word) in why for word in said if _plain(word)):
            self.add_error("why", "Enter a reason that holds nothing of who is searched for")
        return found


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


class ReviewForm(forms.Form):
    """What became of something that stood out."""

    state = forms.ChoiceField(
        label="What became of it?", choices=Review.State.choices[1:], widget=forms.RadioSelect,
        error_messages={"required": "Choose what became of it"},
    )  # fmt: skip
    note = forms.CharField(
        label="Note", max_length=500, required=False, help_text="Needed to close it. Name nobody in the data."
    )

    def clean(self) -> dict[str, Any]:
        """To close it takes a note."""
        found = super().clean() or {}
        if found.get("state") == Review.State.CLOSED and not found.get("note"):
            self.add_error("note", "Enter why it is closed")
        return found
