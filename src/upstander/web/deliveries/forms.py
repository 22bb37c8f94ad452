"""Forms about deliveries."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from upstander.errors import UpstanderError
from upstander.pipeline.feeds import OwnFeed
from upstander.values.periods import Period
from upstander.web.uploading import Sealing

AUTO = "auto"


class SendForm(forms.Form):
    """A file: which feed it is of, and the days it speaks for."""

    feed = forms.ChoiceField(
        label="What is it?", error_messages={"required": "Choose what the file is"}, widget=forms.Select,
        help_text="The dataset, and the layout that was agreed for it.",
    )  # fmt: skip
    covers = forms.CharField(
        label="Which days does it speak for? (optional)", required=False, max_length=40,
        help_text="A month such as 2026-07, a quarter such as 2026-Q3, or 2026-07-01/2026-08-01. Left empty, the "
        "file’s name and its rows say it.",
        widget=forms.TextInput(attrs={"data-width": "20", "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, feeds: Sequence[OwnFeed], names: Mapping[str, str], *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._feeds = {f"{feed.dataset}/{feed.supplier}": feed for feed in feeds}
        is_of_many = len({feed.provider for feed in feeds}) > 1
        shown = {
            key: f"{feed.title}: {feed.supplier}" + (f" ({names[feed.provider]})" if is_of_many else "")
            for key, feed in self._feeds.items()
        }
        many = [("", "Choose a dataset"), *shown.items()]
        self.fields["feed"].choices = many if len(shown) > 1 else list(shown.items())  # type: ignore[attr-defined]

    def clean_feed(self) -> OwnFeed:
        """The feed as such."""
        return self._feeds[self.cleaned_data["feed"]]

    def clean_covers(self) -> str:
        """Days as the pipeline reads them."""
        stated = str(self.cleaned_data["covers"]).strip()
        if stated and stated != AUTO:
            try:
                Period.parse(stated)
            except UpstanderError as why:
                raise forms.ValidationError("Enter days such as 2026-07 or 2026-Q3, or leave it empty") from why
        return stated or AUTO

    def check_file(self, received: Sealing, most_mb: int) -> None:
        """Whether a file came, and whether it holds something."""
        if received.is_too_large:
            self.add_error(None, f"The file is larger than {most_mb:,} MB. Send it in parts, such as month by month")
        elif not received.upload:
            self.add_error(None, "Choose the file")
        elif received.size == 0:
            self.add_error(None, "The file is empty. Choose a file that holds something")


class DecideForm(forms.Form):
    """A decision about a delivery that is held."""

    decision = forms.ChoiceField(
        label="What should become of it?", widget=forms.RadioSelect,
        choices=[("accept", "Accept it: its rows count from now on"), ("refuse", "Refuse it: its rows never count")],
        error_messages={"required": "Choose whether to accept or refuse it"},
    )  # fmt: skip
    why = forms.CharField(
        label="Why?", max_length=400, error_messages={"required": "Say why, in a few words"},
        help_text="The audit log keeps it, and the agency reads it. No names.",
    )  # fmt: skip
