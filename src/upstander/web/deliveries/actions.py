"""What is done with deliveries. Each action and its line in the audit log are one transaction."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from upstander.contracts.asking import Purpose
from upstander.contracts.readings import Outcome
from upstander.errors import NotAllowed
from upstander.pipeline.deliver import deliver_upload
from upstander.pipeline.desk import Desk
from upstander.pipeline.feeds import OwnFeed
from upstander.pipeline.held import decide_held
from upstander.pipeline.indexing import bring_index
from upstander.pipeline.uploads import discard_upload, report_on, sweep_uploads
from upstander.web.accounts import permissions as may
from upstander.web.accounts.models import Person
from upstander.web.accounts.trail import note
from upstander.web.deliveries.feeds import feeds_for, steward
from upstander.web.deliveries.index import DeliveryIndex
from upstander.web.deliveries.models import Sending
from upstander.web.standing import standing_away
from upstander.web.surveillance.work import delivery_has_come
from upstander.web.work import Done, Kind, Progress, enqueue, register
from upstander.web.work.models import Job

DELIVER, WEIGH = "deliver", "weigh-feed"
_INDEX = "default"
_LOADED = {Outcome.ACCEPT, Outcome.NORMALISE, Outcome.ROWQ, Outcome.RESTATE}


def send(upload: str, size: int, feed: OwnFeed, covers: str, by: Person, at: datetime) -> Sending:
    """A file that was received whole becomes a delivery on its way: a job takes it in."""
    with transaction.atomic():
        arguments = {
            "upload": upload, "dataset": feed.dataset, "supplier": feed.supplier, "covers": covers, "title": feed.title,
        }  # fmt: skip
        job = enqueue(DELIVER, by, arguments, f"a delivery of {feed.dataset} from {feed.supplier}")
        made = Sending.objects.create(
            upload=upload, dataset=feed.dataset, supplier=feed.supplier, provider=feed.provider, covers=covers,
            size=size, person=by, sent=at, job=job.pk,
        )  # fmt: skip
        note("send a delivery", by, at, why=f"{upload}: {feed.dataset} from {feed.supplier}")
    return made


def decide(reading: str, by: Person, why: str, *, accept: bool) -> str:
    """Accept or refuse a reading that is held, with a reason, which the audit log keeps; what was done, in words."""
    desk = steward(by, why)
    told = decide_held(desk, reading, accept=accept)
    bring_index(desk, DeliveryIndex(_INDEX))
    return told


def _take_in(desk: Desk, arguments: Mapping[str, str], progress: Progress) -> Done:
    """The job: take one upload in, and say what became of it."""
    upload, dataset, supplier = arguments["upload"], arguments["dataset"], arguments["supplier"]
    sending = Sending.objects.select_related("person__agency").get(pk=upload)
    _refuse_a_feed_of_others(sending.person, dataset, supplier)
    sweep_uploads(desk, _on_their_way())
    progress(0.1, f"Reading the file, {sending.size:,} bytes")
    deliver_upload(desk, upload, dataset=dataset, supplier=supplier, covers=arguments["covers"])
    told = report_on(desk, upload) or {}
    Sending.objects.filter(pk=upload).update(
        outcome=told["outcome"], delivery=told["delivery"], reading=told["reading"]
    )
    bring_index(desk, DeliveryIndex(_INDEX))
    if told["outcome"] in _LOADED:
        delivery_has_come(dataset, sending.person)
    return Done(told["message"], f"/deliveries/sent/{upload}/")


def _refuse_a_feed_of_others(person: Person, dataset: str, supplier: str) -> None:
    """The agreement that made it theirs may have ended since. Raises NotAllowed."""
    at = timezone.now()
    theirs = feeds_for(person, standing_away(person, may.SEND_DELIVERIES, at), at)
    if (dataset, supplier) not in {feed.key for feed in theirs}:
        raise NotAllowed(
            f"No agreement in force lets your agency send {dataset} from {supplier} at present.",
            where=dataset, found=supplier, expected="a signed agreement in force", state="Nothing was stored.",
        )  # fmt: skip


def _on_their_way() -> set[str]:
    """Uploads that a job still has to take in."""
    open_jobs = Job.objects.filter(kind=DELIVER, ended=None).values_list("arguments", flat=True)
    return {arguments["upload"] for arguments in open_jobs}


def _weigh(desk: Desk, arguments: Mapping[str, str], progress: Progress) -> Done:
    """The job: make a feed's scorecard anew."""
    from upstander.pipeline.quality.cards import make_card

    dataset, supplier = arguments["dataset"], arguments["supplier"]
    progress(0.1, "Counting what was sent, and protecting small numbers")
    return Done(make_card(desk, dataset, supplier), f"/deliveries/quality/{dataset}/{supplier}/")


def _tidy(desk: Desk, arguments: Mapping[str, str]) -> None:
    discard_upload(desk, arguments["upload"])


register(
    Kind(
        name=DELIVER, title="Take in {title} from {supplier}", needs=may.SEND_DELIVERIES, run=_take_in,
        purpose=Purpose.STEWARDSHIP, tidy=_tidy,
    )
)  # fmt: skip
register(Kind(WEIGH, "Make the scorecard of {title} from {supplier}", may.READ_DELIVERIES, _weigh, Purpose.STEWARDSHIP))
