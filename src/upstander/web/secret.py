"""The site's own secret, which signs sessions and seals the seeds of second factors. It lies outside the home.

Whoever takes a copy of the home or its database has neither. If the secret is lost, everybody has to be invited again;
keep it where the master key is kept. The site is not given the master key for this: custodians may hold that.
"""

import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_config_path

from upstander.errors import WrongUsage
from upstander.values.durable import make_folder, write_whole

VARIABLE = "UPSTANDER_SITE_SECRET_FILE"
_BYTES = 32


def site_secret(home: Path, *, environ: Mapping[str, str], setting: Path | None) -> str:
    """The secret in hexadecimal, made at the first call.

    Its file is named by UPSTANDER_SITE_SECRET_FILE, else by the home's settings, else it is `site-secret` in the
    user's configuration folder. Raises WrongUsage for one inside the home, readable by others, or that is none.
    """
    named = environ.get(VARIABLE)
    path = Path(named) if named else setting or user_config_path("upstander", appauthor=False) / "site-secret"
    path = path.resolve()
    if path.is_relative_to(home.resolve()):
        raise _unfit(path, "It lies inside the home: whoever copies the home would have it.")
    if not path.exists():
        make_folder(path.parent)
        write_whole(path, secrets.token_hex(_BYTES).encode(), mode=0o600)
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise _unfit(path, "Others than its owner may read it.")
    found = path.read_text("ascii").strip()
    if len(found) < 2 * _BYTES:
        raise _unfit(path, "It is too short to be the secret.")
    return found


def _unfit(path: Path, why: str) -> WrongUsage:
    return WrongUsage(
        f"The site's secret at {path} cannot be used. {why}", where=str(path),
        expected=f"a file of its owner alone, outside the home; {VARIABLE} names it", state="Nothing is served.",
    )  # fmt: skip
