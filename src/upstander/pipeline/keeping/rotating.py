"""A new key for the home, or other keepers of it, with everything that the old one sealed wrapped anew.

Killed anywhere, the home stays usable (it has both keys meanwhile), the same command finishes, and `doctor` says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.keeping.copies import reachable_backups, sealed_in, tidy_copies
from upstander.pipeline.keeping.mirroring import mirror
from upstander.values.durable import locked
from upstander.vault import MasterKey, is_being_changed, kept_by, refuse_stale, rotating

_PATIENCE_S = 900.0
Tell = Callable[[str], None]


@dataclass(frozen=True)
class KeyChange:
    """What was done. `lines` are custodians' new shares, to be handed out once; `rewrapped` counts sealed files."""

    key: MasterKey
    rewrapped: int
    lines: tuple[str, ...] = ()


def rotate_key(
    desk: Desk, *, key_file: Path | None = None, passphrase: str = "", share_files: Sequence[Path] = (),
    tell: Tell = lambda _: None,
) -> KeyChange:  # fmt: skip
    """Give the home a new key, kept as the one before was, and wrap every sealed file anew, in backups too.

    Asks for the key file where the key lies in one, for a new passphrase where it comes from one; custodians get new
    shares, as many as before. Carries on with a change that was begun. Raises TryAgain where a backup is out of reach.
    """
    backups = reachable_backups(desk.home)
    with locked(desk.home.root / "locks" / "intake", patience_s=_PATIENCE_S):
        refuse_stale(desk.home.root, desk.key)
        desk.vault.tidy()
        tidy_copies(backups)
        desk.keyring.keep(desk.now())
        is_new = not is_being_changed(desk.home.root, desk.key)
        note(desk, action="rotate key", answer="begun" if is_new else "carried on", dataset="", about=desk.key.id)
        begun = _begun(desk, key_file, passphrase, share_files)
        rewrapped = 0
        for path in rotating.rewrap_all([*desk.vault.files(), *sealed_in(backups)], begun.key):
            rewrapped += 1
            tell(f"{rewrapped}: {path.name}")
        key = rotating.finish(desk.home.root, begun.key, file=key_file if kept_by(desk.home.root) == "file" else None)
        mirror(replace(desk, key=key), backups)
        note(desk, action="rotate key", answer="done", dataset="", about=key.id, rows=rewrapped)
    return KeyChange(key, rewrapped, begun.lines)


def appoint_custodians(
    desk: Desk, *, of: int, need: int, share_files: Sequence[Path] = (), key_file: Path | None = None
) -> KeyChange:
    """Split the home's key among custodians, any `need` of whom open it together, and remove the key file.

    The shares are in `share_files`, where they are named, before anything is changed; else they are only in the answer.
    A run that was killed before it removed the key file is finished by the same call.
    """
    root = desk.home.root
    with locked(root / "locks" / "intake", patience_s=_PATIENCE_S):
        refuse_stale(root, desk.key)
        lines: tuple[str, ...] = ()
        if kept_by(root) != "custodians" or key_file is None or not key_file.is_file():
            note(desk, action="custodians", answer="intent", dataset="", about=f"{need} of {of}")
            lines = rotating.share_out(root, desk.key, need=need, of=of, files=share_files).lines
        if key_file is not None and key_file.is_file():
            rotating.forget_key_file(key_file, desk.key)
        note(desk, action="custodians", answer="done", dataset="", about=f"{need} of {of}")
    return KeyChange(replace(desk.key, former=None), 0, lines)


def _begun(desk: Desk, key_file: Path | None, passphrase: str, share_files: Sequence[Path]) -> rotating.Shared:
    root, kind = desk.home.root, kept_by(desk.home.root)
    if is_being_changed(root, desk.key) and desk.key.former is None:
        return rotating.Shared(desk.key, ())  # the former key is forgotten already; the record does not say so yet
    if kind == "custodians":
        return rotating.begin_with_custodians(root, desk.key, share_files)
    if kind == "passphrase":
        if desk.key.former is None and not passphrase:
            raise WrongUsage(
                "A new passphrase is needed.", expected="UPSTANDER_NEW_PASSPHRASE", state="Nothing was changed."
            )
        return rotating.Shared(rotating.begin_with_passphrase(root, desk.key, passphrase), ())
    if key_file is None:
        raise WrongUsage("The home's key file is not known.", expected="UPSTANDER_KEY_FILE")
    return rotating.Shared(rotating.begin_in_file(root, key_file, desk.key), ())
