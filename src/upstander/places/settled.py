"""Aliases that people settle on: one more row in the home's own alias table, held as the next edition of `settled`."""

import hashlib
from datetime import date
from pathlib import Path

import polars as pl

from upstander.places.holding import Loaded, Source, all_held, hold, newest
from upstander.places.texts.registers import ALIASES, aliases_of
from upstander.values import durable

VINTAGE = "settled"


def add_alias(reference: Path, *, phrase: str, site: str, becomes: str, target: str, since: date) -> Loaded:
    """Hold the alias with all that were settled before; a later answer for the same phrase and site takes the place of
    an earlier one. The same answer again is already held.

    Raises UnknownLayout for an answer of a kind that there is not.
    """
    with durable.locked(reference / ".settling.lock"):
        held = [one for one in newest(all_held(reference)) if (one.kind, one.vintage) == ("aliases", VINTAGE)]
        before = held[0].table("aliases") if held else pl.DataFrame(schema=ALIASES)
        row = {"phrase": phrase, "site": site, "becomes": becomes, "target": target, "since": since.isoformat()}
        same = [*ALIASES][:-1]
        if held and before.select(same).rows().count(tuple(row[name] for name in same)):
            return Loaded(held[0], already_held=True)
        is_other = (pl.col("phrase") != phrase) | (pl.col("site") != site)
        table = pl.concat([before.filter(is_other), pl.DataFrame(row, schema=ALIASES)])
        content = table.write_csv().encode()
        source = Source("settled by people of this home", hashlib.sha256(content).hexdigest(), len(content))
        return hold(
            reference, aliases_of(table, vintage=VINTAGE), sources=[source], attribution="", where_from="", read_as=""
        )
