"""Real files, delivered through the whole pipeline: open police data, and an emergency call log with minutes."""

import re
import shutil
import zipfile
from datetime import date
from pathlib import Path

from pipeline.homes import desk_at, publisher_agreement
from shared_data import SHARED
from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition
from upstander.pipeline.agreeing import sign
from upstander.pipeline.deliver import deliver
from upstander.pipeline.desk import Desk
from upstander.pipeline.injuries import Asked, injuries
from upstander.pipeline.outputs import Output
from upstander.pipeline.reading import ReadingProcess
from upstander.pipeline.release.approving import approve
from upstander.pipeline.release.covering import last_quarter
from upstander.pipeline.release.making import make_release
from upstander.places import load
from upstander.sharing import shipped
from upstander.values.periods import Period

PLACES = SHARED / "data" / "places"
INTAKE = Path(__file__).parents[1] / "intake"
MONTGOMERY_FRAME = "EPSG:32618"
_MONTH_LINE = re.compile(r"(?:(20\d\d)-)?(\d\d) ([\d,]+)/([\d,]+)")


def police_files() -> list[Path]:
    """The eleven monthly files, oldest first."""
    return sorted((SHARED / "data" / "police").glob("*-leicestershire-street.csv"))


def figures_of_the_readme() -> dict[str, tuple[int, int]]:
    """Rows, and rows of violence and sexual offences, by month, as the data's own README states them."""
    text = (SHARED / "data" / "README.md").read_text("utf-8")
    stated = text.partition("Leicestershire rows / violence and sexual offences:")[2].partition(".")[0]
    figures, year = {}, ""
    for found in _MONTH_LINE.finditer(stated):
        year = found[1] or year
        figures[f"{year}-{found[2]}"] = (int(found[3].replace(",", "")), int(found[4].replace(",", "")))
    return figures


def leicestershire_desk(folder: Path) -> Desk:
    """The desk of that home."""
    return desk_at(folder)


def deliver_leicestershire(folder: Path) -> None:
    """Places, agreement and the eleven files, read by the real reading process."""
    desk = leicestershire_desk(folder)
    reference = desk.home.reference
    load(reference, kind="boundaries", source=sorted((PLACES / "lsoa11-boundaries").glob("*.geojson")))
    for path in sorted(PLACES.glob("*_llr_buc.geojson")):
        load(reference, kind="boundaries", source=[path])
    for path in sorted(PLACES.glob("lookup_*.csv")):
        load(reference, kind="lookup", source=[path])
    sign(desk, shipped("open_police_data"))
    with ReadingProcess() as reader:
        for path in police_files():
            deliver(desk, path, dataset="police_incidents", supplier="police_uk", runner=reader)


def montgomery_desk(folder: Path) -> Desk:
    """The desk of that home."""
    return desk_at(folder, network="Montgomery County")


def deliver_montgomery(folder: Path) -> None:
    """The agreement and the log, read by a map written for it; points are brought to metres of their own zone."""
    desk = montgomery_desk(folder)
    fields = ("event_from_local", "event_zone", "event_precision", "event_is", "area_kind", "area_vintage", "area_code",
              "x_m", "y_m", "place_method", "place_confidence", "place_class", "mechanism", "weapon_class",
              "nature_code")  # fmt: skip
    terms = publisher_agreement("call-log", dataset="ambulance_callouts", supplier="montgomery", fields=fields)
    sign(desk, terms)
    layout = folder / "montgomery.toml"
    shutil.copy(INTAKE / "montgomery.toml", layout)
    text = layout.read_text("utf-8")
    if "metric_crs" not in text:
        layout.write_text(text.replace("[places]\n", f'[places]\nmetric_crs = "{MONTGOMERY_FRAME}"\n'), "utf-8")
    with zipfile.ZipFile(SHARED / "data" / "ambulance" / "montgomery-pa-911.zip") as archive:
        archive.extract("911.csv", folder)
    with ReadingProcess() as reader:
        deliver(desk, folder / "911.csv", dataset="ambulance_callouts", supplier=str(layout), runner=reader)


def bulletin(desk: Desk, edition: Edition, *, start: date, end: date, layer: str = "") -> Output:
    """A bulletin about Saturday night for those days; for a shareable one the last quarter is released first."""
    from upstander.analysis.hotspots.windows import Window

    purpose = Purpose.OPERATIONAL if edition is Edition.OPERATIONAL else Purpose.MONITORING
    asked = Asked(
        window=Window.parse("Sat 20:00-02:00"), period=Period.between(start, end), edition=edition,
        definition="all_violence", layer=layer, actions=None, recipients=("the tasking group",),
        made_on=desk.now().date(),
    )  # fmt: skip
    if edition is Edition.SHAREABLE:
        publish_quarter(desk)
    return injuries(desk.asking(purpose=purpose), asked)


def publish_quarter(desk: Desk) -> None:
    """The last quarter that is over, released and approved by two people."""
    quarter = last_quarter(desk.now().date())
    edition = make_release(desk.asking(purpose=Purpose.MONITORING), quarter).edition
    for person in ("B. Checker", "C. Checker"):
        approve(desk.asking(person=person), str(quarter), edition.number)
