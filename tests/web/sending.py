"""A site whose police send their extract: an agreement, a key, people of both agencies, files and a worker."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from pipeline.kills import county
from sharing.county import LASTING, schedule, terms_as_sent
from upstander.pipeline.home import Settings
from upstander.web.accounts.roles import Role
from upstander.web.deliveries.models import Sending
from upstander.web.work.models import Job
from upstander.web.work.worker import Worker
from web.sites import Site

FEED = "police_incidents/rms"
FIELDS = ("event_from_local", "offence_code", "area_kind", "area_vintage", "area_code", "place_method")


class SendingSite(Site):
    """The police send `rms`, the hospital sends `istv`, the network looks after both. The key lies beside the home."""

    def __init__(self, folder: Path, environ: Mapping[str, str], settings: Settings | None = None) -> None:
        super().__init__(folder, environ, settings)
        purposes = ["strategic", "monitoring", "operational", "stewardship"]
        feeds = (
            schedule(purposes=purposes, recipients={"agencies": ["vrn", "police"]}, fields=[*FIELDS], **LASTING),
            schedule(id="ed", dataset="ed_assaults", provider="hospital", suppliers=["istv"], purposes=purposes,
                     fields=["event_from_local"], gateway="pcsc_2022_s16", **LASTING),
        )  # fmt: skip
        content = tomli_w.dumps(terms_as_sent(*feeds)).encode()
        self.opened.register.sign(content, person="M. Ashdown", at=timezone.now())
        self.police = self.member(Role.DATA_OWNER, agency="police")
        self.hospital = self.member(Role.DATA_OWNER, agency="hospital")
        self.analyst = self.member(Role.ANALYST)

    def send(self, content: bytes, name: str = "offences_2026-07.csv", *, browser: Any = None, **said: str) -> Any:
        """Send a file as the page does; the answer."""
        file = SimpleUploadedFile(name, content)
        words = {"feed": FEED, "covers": "2026-07"} | said | {"file": file}
        return (browser or self.inside(self.police)).post("/deliveries/send/", words, secure=True)

    def sent(self, content: bytes, name: str = "offences_2026-07.csv", **said: str) -> Sending:
        """Send a file that is taken, and let a worker take it in."""
        assert self.send(content, name, **said).status_code == 302
        Worker().work(once=True)
        return Sending.objects.order_by("-sent").first()  # type: ignore[return-value]

    def held(self) -> Sending:
        """Three months, then one with a tenth of its rows: a fall that a person has to look at."""
        for month in (4, 5, 6):
            self.sent(self.month(month), f"offences_2026-{month:02d}.csv", covers=f"2026-{month:02d}")
        return self.sent(self.month(7, rows=30, kept_back=0))

    def month(self, month: int = 7, **words: int) -> bytes:
        """A force's extract of one month."""
        return county.month_file(self.home.parent, month, **words).file.read_bytes()

    def uploads(self) -> list[str]:
        """What lies where received files lie."""
        return sorted(path.name for path in (self.home / "vault" / "uploads").glob("*"))

    def environment(self) -> dict[str, str]:
        """For a command on this home."""
        return {**os.environ, **self.environ}


def job_of(sending: Sending) -> Job:
    return Job.objects.get(pk=sending.job)
