"""Forms about agreements."""

from typing import Any

from django import forms

from upstander.contracts.catalogue import ALL
from upstander.sharing import Agreement

_WHOLE = ""
_SCHEDULE, _PARTY = "schedule:", "party:"
LONGEST_FILE = 1_000_000  # bytes; the longest agreement there is has a tenth of it


class DecisionForm(forms.Form):
    """About what it is, and why. The reason is kept with the decision for good."""

    about = forms.ChoiceField(label="What is it about?", required=False, widget=forms.Select)
    why = forms.CharField(
        label="Reason", max_length=500, strip=True, error_messages={"required": "Enter the reason"},
        help_text="Everybody who is refused because of it will read this. Name no person in the data.",
        widget=forms.TextInput,
    )  # fmt: skip

    def __init__(self, agreement: Agreement, *words: Any, is_whole: bool, in_part: bool, **named: Any) -> None:
        super().__init__(*words, **named)
        parts = [(f"{_SCHEDULE}{one.id}", f"Schedule {one.id}") for one in agreement.schedules]
        parties = agreement.terms.parties if agreement.terms else ()
        providers = {one.provider for one in agreement.schedules}
        parts += [(f"{_PARTY}{one.agency}", f"All that {one.name} shares") for one in parties
                  if one.agency in providers]  # fmt: skip
        whole = [(_WHOLE, "The whole agreement")] if is_whole else []
        self.fields["about"].choices = [*whole, *(parts if in_part else [])]  # type: ignore[attr-defined]
        if not in_part:
            del self.fields["about"]

    @property
    def schedule(self) -> str:
        """The schedule it is about; empty for none."""
        return self._part(_SCHEDULE)

    @property
    def agency(self) -> str:
        """The party it is about; empty for none."""
        return self._part(_PARTY)

    def _part(self, kind: str) -> str:
        about = str(self.cleaned_data.get("about", ""))
        return about.removeprefix(kind) if about.startswith(kind) else ""


class DatasetForm(forms.Form):
    """One dataset to look at."""

    dataset = forms.ChoiceField(label="Dataset", choices=[(name, one.title) for name, one in sorted(ALL.items())])


class DraftForm(forms.Form):
    """A version that is to be signed, as the command takes it."""

    draft = forms.FileField(
        label="The agreement", error_messages={"required": "Choose the file"},
        help_text="A TOML file, as `upstander agreement draft` makes it and the parties completed it.",
    )  # fmt: skip

    def clean_draft(self) -> bytes:
        """Its bytes."""
        file = self.cleaned_data["draft"]
        if file.size > LONGEST_FILE:
            raise forms.ValidationError("The file is longer than any agreement. Choose the agreement itself.")
        return bytes(file.read())
