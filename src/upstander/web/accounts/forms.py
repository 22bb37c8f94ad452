"""Forms about people. What they refuse, they refuse in a sentence that says what would be right."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from upstander.web.accounts.actions import Vetted
from upstander.web.accounts.models import Agency, Conflict, Person, Vetting
from upstander.web.accounts.roles import GIVEN, Role

_HERE = ZoneInfo("Europe/London")
_NO_LONGER = 1024  # a password of a megabyte would keep the hash busy


def end_of_day(last: date) -> datetime:
    """The aware UTC moment at which a last day ends, on the wall calendar of the partnership."""
    return datetime.combine(last + timedelta(days=1), time(0), _HERE).astimezone(UTC)


def last_day(until: datetime | None) -> str:
    """The last day of access as a form shows it; empty for none."""
    return (until - timedelta(microseconds=1)).astimezone(_HERE).date().isoformat() if until else ""


def _needed(what: str) -> dict[str, str]:
    return {"required": f"Enter {what}"}


class SignInForm(forms.Form):
    """The first step: who, and their password."""

    handle = forms.CharField(
        label="Sign-in name", max_length=150, error_messages=_needed("your sign-in name"),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "data-width": "20"}
        ),
    )  # fmt: skip
    password = forms.CharField(
        label="Password", max_length=_NO_LONGER, strip=False, error_messages=_needed("your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "data-width": "20"}),
    )  # fmt: skip


class FactorForm(forms.Form):
    """The second step: a code, or what a passkey answered."""

    code = forms.CharField(
        label="Code", required=False, max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "data-width": "10"}
        ),
    )  # fmt: skip
    credential = forms.JSONField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        found = super().clean() or {}
        if not (found.get("code") or found.get("credential")) and not self.errors:
            self.add_error("code", "Enter the code that your app shows")
        return found


class PasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(
        label="New password", max_length=_NO_LONGER, strip=False, error_messages=_needed("a password"),
        help_text="At least 12 characters. Three or four words that do not belong together are good.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-width": "20"}),
    )  # fmt: skip
    again = forms.CharField(
        label="The same password again", max_length=_NO_LONGER, strip=False,
        error_messages=_needed("the password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-width": "20"}),
    )  # fmt: skip

    def __init__(self, person: Person, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._person = person

    def clean(self) -> dict[str, Any]:
        """Strong enough, and the same twice."""
        found = super().clean() or {}
        if found.get("password") and found.get("again") and found["password"] != found["again"]:
            self.add_error("again", "Enter the same password twice")
        if found.get("password"):
            try:
                validate_password(found["password"], self._person)
            except ValidationError as why:
                self.add_error("password", why)
        return found


class AccountForm(forms.Form):
    """Roles and vetting."""

    roles = forms.MultipleChoiceField(
        label="Roles", choices=[(role.value, role.called) for role in GIVEN],
        error_messages={"required": "Choose at least one role"}, widget=forms.CheckboxSelectMultiple,
        help_text="An administrator has no other role: whoever manages people sees no data.",
    )  # fmt: skip
    vetting = forms.ChoiceField(label="Vetting", choices=Vetting.choices)
    vetted_until = forms.DateField(
        label="Access until",
        error_messages={**_needed("the last day of access"), "invalid": "Enter a day such as 2027-03-31"},
        help_text="The last day on which the vetting, or the work, lasts. Such as 2027-03-31.",
        widget=forms.DateInput(attrs={"data-width": "10"}, format="%Y-%m-%d"), input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )  # fmt: skip

    def clean_roles(self) -> frozenset[Role]:
        """The roles as such."""
        return frozenset(Role(word) for word in self.cleaned_data["roles"])

    @property
    def vetted(self) -> Vetted:
        """Until the end of the last day, on the wall calendar of the partnership."""
        return Vetted(Vetting(self.cleaned_data["vetting"]), end_of_day(self.cleaned_data["vetted_until"]))


class InviteForm(AccountForm):
    """A new person."""

    name = forms.CharField(label="Full name", max_length=200, error_messages=_needed("their full name"))
    handle = forms.CharField(
        label="Sign-in name", max_length=150, error_messages=_needed("a sign-in name"),
        help_text="What they sign in with and what the audit log calls them, such as p.okoro.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "data-width": "20"}),
    )  # fmt: skip
    agency = forms.ModelChoiceField(
        label="Agency", queryset=Agency.objects.filter(is_active=True).order_by("name"), empty_label="Choose an agency",
        error_messages={"required": "Choose their agency"},
    )  # fmt: skip
    email = forms.EmailField(
        label="Work e-mail address (optional)", required=False, max_length=254,
        help_text="Only for single sign-on by their own agency. Nothing is ever sent to it.",
        error_messages={"invalid": "Enter an address such as name@agency.example"},
    )  # fmt: skip
    field_order = ("name", "handle", "email", "agency", "roles", "vetting", "vetted_until")


class AgencyForm(forms.Form):
    """A new agency."""

    name = forms.CharField(label="Name", max_length=200, error_messages=_needed("the agency's name"))
    slug = forms.CharField(
        label="Short name", max_length=80, error_messages=_needed("the short name"),
        help_text="As agreements write it, such as leicestershire_police.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "data-width": "20"}),
    )  # fmt: skip


class ConflictForm(forms.Form):
    """Something that is to be kept from oneself."""

    kind = forms.ChoiceField(
        label="What should be kept from you?", choices=Conflict.Kind.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose an area or a person"},
    )  # fmt: skip
    value = forms.CharField(
        label="Which one?", max_length=200, error_messages=_needed("an area's key or a person's token"),
        help_text="An area by its key, such as ward24:E05001234, or a person by the token that a page shows. No names.",
    )  # fmt: skip


class PasskeyForm(forms.Form):
    """A new passkey: what to call it, and what the browser answered."""

    name = forms.CharField(
        label="What is this passkey on?", max_length=60, error_messages=_needed("a name for it"),
        help_text="Such as “work laptop” or “grey security key”.", widget=forms.TextInput(attrs={"data-width": "20"}),
    )  # fmt: skip
    credential = forms.JSONField(
        widget=forms.HiddenInput, error_messages={"required": "Your browser did not answer for a passkey. Try again."}
    )
