"""Tokens: keyed hashes that stand for a person or an incident.

A stored token is `u1.<key id>.<26 base32>`, HMAC-SHA256 under a key derived for one linkage domain, kind and epoch.
Each reader gets tokens keyed anew for their agreement and purpose, so no two readers' extracts join.
Sources: RFC 2104 (HMAC), RFC 5869 (HKDF), ENISA pseudonymisation techniques (2019).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN_KINDS = ("nhs_number", "person_ref", "name_dob", "incident_ref")
_CHARACTERS = 26


def derived_key(master: bytes, *context: str) -> bytes:
    """32 bytes from the master key for one context, such as ("token", domain, kind, epoch). HKDF-SHA256, no salt."""
    return HKDF(hashes.SHA256(), 32, None, "|".join(context).encode()).derive(master)


def stored_token_key(master: bytes, *, domain: str, kind: str, epoch: str) -> bytes:
    """The key under which a linkage domain's identifiers of one kind are stored."""
    return derived_key(master, "token", domain, kind, epoch)


def view_key(master: bytes, *, agreement: str, purpose: str, epoch: str) -> bytes:
    """The key under which one agreement and purpose sees tokens."""
    return derived_key(master, "view", agreement, purpose, epoch)


def key_id(key: bytes) -> str:
    """Six hex digits that name a key without telling it."""
    return hashlib.sha256(b"upstander key id" + key).hexdigest()[:6]


def tokens(key: bytes, values: Iterable[str]) -> list[str]:
    """A token for each value. Give distinct values: the cost is one HMAC each (about a microsecond)."""
    prefix = f"u1.{key_id(key)}."
    start = hmac.new(key, digestmod=hashlib.sha256)
    made = []
    for value in values:
        state = start.copy()
        state.update(value.encode())
        made.append(prefix + base64.b32encode(state.digest()).decode()[:_CHARACTERS].lower())
    return made
