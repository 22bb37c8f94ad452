"""The bytes as they came, encrypted, and the key that opens them.

Comes in: raw bytes, and where the home and its key lie. Goes out: sealed files under `vault/`, and readers of them
for who holds the key. Must never: parse what it keeps, write a plain byte to disk, or hold the key inside the home.
"""

from upstander.vault.errors import BadShare, BrokenSeal, EpochDestroyed, KeyChanged, NoKey, UnsafeKey, WrongKey
from upstander.vault.keyring import Epoch, EpochRecord, Keyring
from upstander.vault.keys import (
    PASSPHRASE_VARIABLE,
    SHARES_VARIABLE,
    MasterKey,
    is_being_changed,
    kept_by,
    key_file,
    master_key,
    refuse_stale,
    shares_needed,
)
from upstander.vault.store import Kept, Vault

__all__ = [
    "PASSPHRASE_VARIABLE",
    "SHARES_VARIABLE",
    "BadShare",
    "BrokenSeal",
    "Epoch",
    "EpochDestroyed",
    "EpochRecord",
    "Kept",
    "KeyChanged",
    "Keyring",
    "MasterKey",
    "NoKey",
    "UnsafeKey",
    "Vault",
    "WrongKey",
    "is_being_changed",
    "kept_by",
    "key_file",
    "master_key",
    "refuse_stale",
    "shares_needed",
]
