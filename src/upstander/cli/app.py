"""The command as a whole: its groups, its errors and its exit codes."""

import logging
import sys

import typer

from upstander.cli import voice
from upstander.errors import UpstanderError, place_of_defect

app = typer.Typer(
    name="upstander",
    help="Shared data in under one agreement; safe multi-agency evidence out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command. Every error becomes words and an exit code; nobody is shown a traceback."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    as_json = "--json" in sys.argv
    try:
        app(standalone_mode=True)
    except UpstanderError as error:
        _tell(error, as_json=as_json)
        sys.exit(error.exit_code)
    except OSError as error:
        _tell(_from_system(error), as_json=as_json)
        sys.exit(5)
    except Exception as error:
        _tell(_defect(error), as_json=as_json)
        sys.exit(1)


def _tell(error: UpstanderError, *, as_json: bool) -> None:
    if as_json:
        voice.say_json({"error": error.facts()})
        return
    voice.complain(error.message)
    for label, text in (("Where", error.where), ("Found", error.found), ("What would be right", error.expected)):
        if text:
            voice.complain(f"  {label}: {text}")
    if error.state:
        voice.complain(f"  {error.state}")


def _from_system(error: OSError) -> UpstanderError:
    return UpstanderError(
        f"The system said: {error.strerror or type(error).__name__}.",
        where=str(error.filename or ""), expected="try again when that is put right",
    )  # fmt: skip


def _defect(error: Exception) -> UpstanderError:
    """A defect of ours, told without its message, which might quote a value from a file."""
    return UpstanderError(
        "This is a defect of Upstander, not of your file. Please report the place named here.",
        where=place_of_defect(error), state="What was stored before stays as it was; run `upstander doctor`.",
    )  # fmt: skip
