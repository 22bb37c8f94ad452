"""The home folder: where everything at rest lies, and the settings of this installation."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from upstander.contracts.asking import Purpose
from upstander.errors import WrongUsage
from upstander.values.durable import make_folder, write_whole

_SETTINGS = "upstander.toml"


class Who(BaseModel):
    """Who asks, for which agency, for what purpose and why: said on every reading command, or taken from here."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    person: str = ""
    agency: str = ""
    purpose: Purpose = Purpose.STEWARDSHIP
    why: str = ""


class ReleaseSettings(BaseModel):
    """What a quarterly release covers, and when it is due.

    `quarters` is how many it goes back, its own among them. `small` and `large` are the kinds of area it tells, one in
    the other; `beside` are further kinds, whose borders may cross those. `due_days` after its quarter has ended it is
    due; `told` are those who are then told. `licence` (an address), `licence_name` and `contact` stand on what is
    exported.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    quarters: Annotated[int, Field(ge=1, le=80)] = 12
    small: str = "ward"
    large: str = "ltla"
    beside: tuple[str, ...] = ("beat", "neighbourhood")
    due_days: Annotated[int, Field(ge=0, le=366)] = 45
    told: tuple[str, ...] = ()
    licence: str = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
    licence_name: str = "Open Government Licence 3.0"
    contact: str = "The analyst of the network"


class Site(BaseModel):
    """The site: the names people reach it by, and who else may vouch for them.

    `behind_proxy`: a proxy on this machine ends TLS and says so in X-Forwarded-Proto and X-Forwarded-For.
    `single_sign_on`: for `openid_connect` or `saml`, the providers as django-allauth describes them, without secrets:
    `client_secret_file` names a file outside the home instead. `pages_a_minute`: how many one person may open.
    `largest_upload_mb`: millions of bytes that a file sent by the site may have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    hosts: tuple[str, ...] = ()
    behind_proxy: bool = False
    secret_file: str = ""
    pages_a_minute: Annotated[int, Field(ge=1)] = 120
    single_sign_on: dict[Literal["openid_connect", "saml"], tuple[dict[str, Any], ...]] = {}
    largest_upload_mb: Annotated[int, Field(ge=1, le=20_000)] = 1_000


class Basemap(BaseModel):
    """A map to lay under the areas: a PMTiles file, relative to the home, and what allows it to be drawn.

    `attribution` is printed on every map; `permission` names the licence or letter, and when it was given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    file: str = ""
    attribution: str = ""
    permission: str = ""

    @property
    def may_be_drawn(self) -> bool:
        """Whether there is one, its owner's words and its permission on record."""
        return all(words.strip() for words in (self.file, self.attribution, self.permission))


class Settings(BaseModel):
    """What `upstander.toml` may say. Unknown names are refused, so that a slip of the pen is not a silent default.

    engine: what reads the warehouse; both give the same answers. spark_master: where Spark runs, if it is that one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    network: str = "Violence Reduction Network"
    key_file: str = ""
    audit_anchors: tuple[str, ...] = ()
    layers: tuple[str, ...] = ("lsoa21", "lsoa11")
    grid_m: Literal[250, 500] = 500
    definition: str = "all_violence"
    release: ReleaseSettings = ReleaseSettings()
    engine: Literal["duckdb", "spark"] = "duckdb"
    spark_master: str = "local[*]"
    defaults: Who = Who()
    site: Site = Site()
    basemap: Basemap = Basemap()


@dataclass(frozen=True)
class Home:
    """One home folder and its settings."""

    root: Path
    settings: Settings

    @property
    def reference(self) -> Path:
        """Boundaries, lookups, postcodes, populations, definitions."""
        return self.root / "reference"

    @property
    def suppliers(self) -> Path:
        """Supplier maps of this installation, beside the shipped ones."""
        return self.root / "suppliers"

    @property
    def outputs(self) -> Path:
        """Numbered outputs and their ledger."""
        return self.root / "outputs"

    @property
    def releases(self) -> Path:
        """Quarterly releases: <quarter>/<edition>/."""
        return self.root / "releases"

    @property
    def runs(self) -> Path:
        """One line for each run of a job."""
        return self.root / "runs" / "runs.jsonl"

    @property
    def key_file(self) -> Path | None:
        """The key file that the settings name, relative to the home; None where they name none."""
        return (self.root / self.settings.key_file).resolve() if self.settings.key_file else None

    @property
    def secret_file(self) -> Path | None:
        """The file with the site's secret that the settings name, relative to the home; None where they name none."""
        return (self.root / self.settings.site.secret_file).resolve() if self.settings.site.secret_file else None

    @property
    def audit_anchors(self) -> tuple[Path, ...]:
        """Files outside the home that keep heads of the audit log. Raises WrongUsage for one that lies inside it."""
        places = tuple((self.root / place).resolve() for place in self.settings.audit_anchors)
        for place in places:
            if place.is_relative_to(self.root.resolve()):
                raise WrongUsage(
                    f"{place} lies inside the home, where whoever rewrites the audit log could rewrite it too.",
                    where="audit_anchors", found=str(place),
                    expected="a file on another machine's share, or another disk",
                )  # fmt: skip
        return places


def open_home(root: Path) -> Home:
    """The home at `root`. Raises WrongUsage where there is none, or where its settings cannot be read."""
    path = root / _SETTINGS
    if not path.is_file():
        raise WrongUsage(
            f"There is no Upstander home at {root}.",
            where=str(root), expected="run `upstander places load` or `upstander demo`, or set UPSTANDER_HOME",
        )  # fmt: skip
    try:
        return Home(root, Settings.model_validate(tomllib.loads(path.read_text("utf-8"))))
    except (tomllib.TOMLDecodeError, ValidationError) as why:
        raise WrongUsage(f"{path} cannot be read: {why}", where=str(path)) from why


def make_home(root: Path, settings: Settings | None = None) -> Home:
    """The home at `root`, made with these settings if it is not there yet."""
    if not (root / _SETTINGS).is_file():
        make_folder(root)
        chosen = (settings or Settings()).model_dump(mode="json", exclude_defaults=True)
        write_whole(root / _SETTINGS, tomli_w.dumps(chosen).encode())
    return open_home(root)
