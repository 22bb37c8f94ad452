"""Forms about releases. What they refuse, they refuse in a sentence that says what would be right."""

from django import forms

from upstander.web.accounts.models import Agency

_SHOWN = 8  # of a fingerprint: enough that nobody types it by chance


class WhyForm(forms.Form):
    """A reason, which the audit log keeps."""

    why = forms.CharField(max_length=300, error_messages={"required": "Say why"})

    def __init__(self, data: object = None, *, label: str, hint: str = "") -> None:
        super().__init__(data)  # type: ignore[arg-type] # Django's own: a QueryDict or None
        self.fields["why"].label, self.fields["why"].help_text = label, hint


class ApproveForm(forms.Form):
    """An approval: the beginning of the fingerprint, typed off the page, and what was looked at."""

    typed = forms.CharField(
        label="Type the first 8 characters of the fingerprint", max_length=64,
        error_messages={"required": "Type the first 8 characters of the fingerprint"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-width": "10"}),
    )  # fmt: skip
    why = forms.CharField(
        label="What did you look at?", max_length=300, help_text="The audit log keeps it beside your name.",
        error_messages={"required": "Say what you looked at"},
    )  # fmt: skip

    def __init__(self, data: object, *, sha256: str) -> None:
        super().__init__(data)  # type: ignore[arg-type] # Django's own: a QueryDict or None
        self._sha256 = sha256

    def clean_typed(self) -> str:
        """It has to be that of the release as it stands now."""
        typed = str(self.cleaned_data["typed"]).strip().lower()
        if len(typed) < _SHOWN or not self._sha256.startswith(typed):
            raise forms.ValidationError(f"This is not how the fingerprint begins. It begins {self._sha256[:_SHOWN]}")
        return typed


class ExportForm(forms.Form):
    """For whom files are written: everyone, or one agency's numbered copy."""

    recipient = forms.ChoiceField(label="For whom are the files?", required=False, widget=forms.RadioSelect)
    why = forms.CharField(
        label="What for?", max_length=300, help_text="The audit log keeps it beside your name.",
        error_messages={"required": "Say what the files are for"},
    )  # fmt: skip

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type] # Django's own: a QueryDict or None
        agencies = [(one.slug, f"{one.name}: a numbered copy") for one in Agency.objects.filter(is_active=True)]
        everyone = ("", "Everyone: open data, without what may not be published")
        self.fields["recipient"].choices = [everyone, *agencies]  # type: ignore[attr-defined]
