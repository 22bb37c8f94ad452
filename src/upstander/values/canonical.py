"""One spelling of a value as bytes, so that equal things have equal hashes."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys, no spaces, no NaN: the same value always gives the same bytes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def short_id(parts: Iterable[str]) -> str:
    """First 20 hex digits of SHA-256 over the parts, each on a line of its own: the id of a delivery or a reading."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
