"""The agreements that come with the program: the fictional county's, and those for open police data and statistics."""

from importlib.resources import files

from upstander.errors import WrongUsage

_FOLDER = files("upstander.sharing") / "shipped"


def shipped_names() -> tuple[str, ...]:
    """Their names."""
    return tuple(sorted(file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if file.name.endswith(".toml")))


def shipped(name: str) -> bytes:
    """One of them as it comes, unsigned. Raises WrongUsage for a name that is not there."""
    if name not in shipped_names():
        raise WrongUsage(f"No agreement '{name}' is shipped.", found=name, expected=", ".join(shipped_names()))
    return (_FOLDER / f"{name}.toml").read_bytes()
