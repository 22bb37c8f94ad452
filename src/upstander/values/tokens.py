"""Tokens: keyed hashes that stand for a person or an incident.

A stored token is `u1.<key id>.<26 base32>`, HMAC-SHA256 under a key derived for one linkage domain, kind and epoch.
Each reader gets tokens keyed anew for their agreement and purpose, so no two readers' extracts join.
Sources: RFC 2104 (HMAC), RFC 5869 (HKDF), ENISA pseudonymisation techniques (2019).
"""

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN_KINDS = ("nhs_number", "person_ref", "name_dob", "incident_ref")
_CHARACTERS = 26
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = np.array([(first + second).encode() for first in _LETTERS for second in _LETTERS], "S2").view(np.uint16)


def derived_key(master: bytes, *context: str) -> bytes:
    """32 bytes from the master key for one context, such as ("token", domain, kind, epoch). HKDF-SHA256, no salt."""
    return HKDF(hashes.SHA256(), 32, None, "|".join(context).encode()).derive(master)


def stored_token_key(master: bytes, *, domain: str, kind: str, epoch: str) -> bytes:
    """The key under which a linkage domain's identifiers of one kind are stored."""
    return derived_key(master, "token", domain, kind, epoch)


def view_key(master: bytes, *, agreement: str, purpose: str, epoch: str) -> bytes:
    """The key under which one agreement and purpose sees tokens."""
    return derived_key(master, "view", agreement, purpose, epoch)


def linked_view_key(master: bytes, *, domain: str, epoch: str) -> bytes:
    """The key under which everyone whom a linking clause covers sees the tokens of its domain."""
    return derived_key(master, "view", "linked", domain, epoch)


def key_id(key: bytes) -> str:
    """Six hex digits that name a key without telling it."""
    return hashlib.sha256(b"upstander key id" + key).hexdigest()[:6]


def tokens(key: bytes, values: Iterable[str]) -> list[str]:
    """A token for each value. Give distinct values: the cost is one HMAC each (about a microsecond)."""
    letters = token_letters(key, (value.encode() for value in values))
    text, width = letters.tobytes().decode("ascii"), letters.shape[1]
    return [text[at : at + width] for at in range(0, len(text), width)]


def token_letters(key: bytes, values: Iterable[bytes]) -> npt.NDArray[np.uint8]:
    """The same tokens of values in UTF-8, as one row of ASCII bytes each: for whole columns."""
    return _spelt(f"u1.{key_id(key)}.", keyed_digests(key, values))


def keyed_digests(key: bytes, values: Iterable[bytes]) -> bytes:
    """HMAC-SHA256 of each value, 32 bytes each, one after the other."""
    keyed = HMAC(key, hashes.SHA256()).copy  # the keyed state is made once; a copy of it costs less than a new one
    digests = []
    for value in values:
        mac = keyed()
        mac.update(value)
        digests.append(mac.finalize())
    return b"".join(digests)


def _spelt(prefix: str, digests: bytes) -> npt.NDArray[np.uint8]:
    """The prefix and the first 26 characters, in base32 (RFC 4648, lower case), of each 32-byte digest."""
    # Two characters are ten bits, which lie in two bytes wherever they start.
    byte, bit = np.divmod(10 * np.arange(_CHARACTERS // 2, dtype=np.uint16), 8)
    wide = np.frombuffer(digests, np.uint8).reshape(-1, 32).astype(np.uint16)
    pairs = ((wide[:, byte] << 8 | wide[:, byte + 1]) >> (6 - bit)) & 1023
    rows = np.empty((len(wide), len(prefix) + _CHARACTERS), np.uint8)
    rows[:, : len(prefix)] = np.frombuffer(prefix.encode(), np.uint8)
    rows[:, len(prefix) :] = np.ascontiguousarray(_PAIRS[pairs]).view(np.uint8)
    return rows
