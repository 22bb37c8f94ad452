"""What is changed about releases from the site. Long work is begun here and done by a worker."""

from collections.abc import Mapping

from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse

from upstander.pipeline.desk import Desk
from upstander.pipeline.recalling import recall as call_back
from upstander.web.accounts.models import Person
from upstander.web.work import enqueue


def begin(kind: str, person: Person, arguments: Mapping[str, str], why: str) -> HttpResponseRedirect:
    """Ask for the work, and lead to the page that shows how far it is."""
    return HttpResponseRedirect(reverse("job", args=[enqueue(kind, person, arguments, why).pk]))


def recall(desk: Desk, kind: str, number: str) -> None:
    """Call an output back, for the reason at the desk; the audit log and the ledger both say so."""
    with transaction.atomic():  # the line of the ledger comes last: where it cannot be written, nothing is recalled
        call_back(desk, kind, number)
