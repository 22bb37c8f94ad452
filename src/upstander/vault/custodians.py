"""The home's key in the hands of several people: any `need` of them together have it, fewer know nothing of it.

A share is one line that can be kept on paper:

    us1-<home>-<set>-<number>-<need>of<all>-<64 hex>-<checksum>

The 32 bytes are split as two blocks of 16, each by Shamir's scheme over GF(2^128) with the same number.
Source: Shamir, How to share a secret, Communications of the ACM 22 (1979), 612-613.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from Crypto.Protocol.SecretSharing import Shamir

from upstander.errors import WrongUsage
from upstander.vault.errors import BadShare, NoKey

_BLOCK = 16
_SHAPE = re.compile(r"us1-([0-9a-f]{8})-([0-9a-f]{6})-(\d{1,2})-(\d{1,2})of(\d{1,2})-([0-9a-f]{64})-([0-9a-f]{8})")
_MOST = 16


@dataclass(frozen=True)
class ShareSet:
    """Which shares belong together: those of one home, made at one time. Nothing in it is secret."""

    home: str
    name: str
    need: int
    of: int


def new_set(home: str, *, need: int, of: int) -> ShareSet:
    """A set for shares that are about to be made. Raises WrongUsage for numbers that protect nothing."""
    if not 2 <= need <= of <= _MOST:
        raise WrongUsage(
            f"{need} of {of} custodians cannot hold a key.",
            found=f"{need} of {of}", expected=f"at least 2 needed, and no more than {_MOST} in all",
        )  # fmt: skip
    return ShareSet(home, secrets.token_hex(3), need, of)


def split(secret: bytes, among: ShareSet) -> tuple[str, ...]:
    """One line for each custodian."""
    blocks = [secret[:_BLOCK], secret[_BLOCK:]]
    first, second = (Shamir.split(among.need, among.of, block) for block in blocks)
    return tuple(
        _spelt(among, number, one + other) for (number, one), (_, other) in zip(first, second, strict=True)
    )  # fmt: skip


def combine(lines: Sequence[str], among: ShareSet) -> bytes:
    """The secret of these shares. Raises BadShare for one that is mistyped, repeated or of another home or set, and
    NoKey where there are too few.
    """
    shares = [_read(line, among) for line in lines if line.strip()]
    numbers = {number for number, _ in shares}
    if len(numbers) < len(shares):
        raise BadShare("One share was given twice.", expected="shares of different custodians")
    if len(shares) < among.need:
        raise NoKey(
            f"This home's key is held by {among.of} custodians, and {len(shares)} of their shares were given.",
            found=str(len(shares)), expected=f"{among.need} shares", state="Nothing was read or stored.",
        )  # fmt: skip
    chosen = shares[: among.need]
    return b"".join(
        Shamir.combine([(number, content[at : at + _BLOCK]) for number, content in chosen]) for at in (0, _BLOCK)
    )


def _read(line: str, among: ShareSet) -> tuple[int, bytes]:
    text = "".join(line.split()).lower()
    found = _SHAPE.fullmatch(text)
    if found is None or _checksum(text.rsplit("-", 1)[0]) != found[7]:
        raise BadShare("A share is not as it was printed.", expected="the whole line, from us1- to its last character")
    home, name, number, need, of, content, _ = found.groups()
    if (home, name, int(need), int(of)) != (among.home, among.name, among.need, among.of):
        raise BadShare(
            f"Share {number} is of another home, or of an older set of shares of this one.",
            found=f"{home}-{name}", expected=f"{among.home}-{among.name}",
        )  # fmt: skip
    return int(number), bytes.fromhex(content)


def _spelt(among: ShareSet, number: int, content: bytes) -> str:
    text = f"us1-{among.home}-{among.name}-{number}-{among.need}of{among.of}-{content.hex()}"
    return f"{text}-{_checksum(text)}"


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
