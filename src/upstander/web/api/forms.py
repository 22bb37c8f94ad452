"""The form that grants a token."""

from datetime import datetime

from django import forms

from upstander.web.accounts.forms import end_of_day
from upstander.web.accounts.models import Person
from upstander.web.api.models import For


class TokenForm(forms.Form):
    """A token to be granted."""

    called = forms.CharField(
        label="What reads the figures?", max_length=100,
        error_messages={"required": "Enter what reads the figures, such as: the council's dashboard"},
        help_text="The program or dashboard, in words that a colleague knows it by.",
    )  # fmt: skip
    person = forms.ModelChoiceField(
        label="Who answers for it?",
        queryset=Person.objects.filter(is_active=True).select_related("agency").order_by("name"),
        empty_label="Choose a person", error_messages={"required": "Choose who answers for it"},
        help_text="It reads for their agency, only as long as their account is open. They alone are shown the token.",
    )  # fmt: skip
    purpose = forms.ChoiceField(
        label="What for?", choices=For.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is for"},
        help_text="An agreement in force must give it to their agency. Operational figures are for people only.",
    )  # fmt: skip
    until = forms.DateField(
        label="Until", help_text="Its last day, at most a year from today. Such as 2027-03-31.",
        error_messages={"required": "Enter its last day", "invalid": "Enter a day such as 2027-03-31"},
        widget=forms.DateInput(attrs={"data-width": "10"}, format="%Y-%m-%d"), input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )  # fmt: skip

    def __init__(self, *words: object, **named: object) -> None:
        super().__init__(*words, **named)  # type: ignore[arg-type]  # handed on as they came
        self.fields["person"].label_from_instance = lambda one: f"{one.name}, {one.agency}"  # type: ignore[attr-defined]

    @property
    def ends(self) -> datetime:
        """The end of the last day, on the wall calendar of the partnership."""
        return end_of_day(self.cleaned_data["until"])
