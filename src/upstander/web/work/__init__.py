"""Work that takes longer than a page may: it waits in the database, and a worker does it, once in effect.

Comes in: a kind of work that a part of the site registered, its arguments, who asks and why. Goes out: how far it is,
and where its result lies. Must never: run for somebody who may not ask for it any more.
"""

from upstander.web.work.asking import enqueue
from upstander.web.work.kinds import Cancelled, Done, Kind, Progress, register

__all__ = ["Cancelled", "Done", "Kind", "Progress", "enqueue", "register"]
