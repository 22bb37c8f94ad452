"""Tokens as one reader sees them: keyed anew for an agreement and a purpose, so that no two readers' extracts join."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from upstander.values.tokens import tokens
from upstander.warehouse.engine import Engine

TOKEN_COLUMNS = ("person_token", "incident_token")


def rekeyed(engine: Engine, table: ir.Table, key: bytes) -> ir.Table:
    """The same rows with every token column keyed anew under a view key. An empty token stays empty."""
    for column in [name for name in table.columns if name in TOKEN_COLUMNS]:
        table = _seen(engine, table, column, key)
    return table


def _seen(engine: Engine, table: ir.Table, column: str, key: bytes) -> ir.Table:
    stored = table.filter(table[column] != "").select(column).distinct().to_pyarrow()[column].combine_chunks()
    seen = pa.array(tokens(key, stored.to_pylist()), pa.string())
    views = engine.table(pa.table({"stored_token": stored.cast(pa.string()), "seen_token": seen}))
    joined = table.left_join(views, table[column] == views["stored_token"])
    # A token without a view can only be an empty one; the stored token itself is never a way out.
    shown = ibis.ifelse(joined[column].fill_null("") == "", joined[column], joined["seen_token"])
    return joined.mutate(**{column: shown}).select(table.columns)
