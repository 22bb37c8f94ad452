"""The village in words: two streets that cross, an inn, a chain in two places, a town, a park, and its hospital."""

from pathlib import Path

from upstander.places import load
from upstander.places.texts.wordlists import word_list

VILLAGE_CRS = "upstander:village"
LICENCES = """Licence Number,Premises Name,Easting,Northing,Formerly
H1,The Gilded Hare,1500,1500,The Weavers
M1,The Moonrake,1400,1400,
M2,The Moonrake,3500,2500,
"""
FOOD = """<?xml version="1.0"?>
<FHRSEstablishment><EstablishmentCollection>
<EstablishmentDetail><FHRSID>7</FHRSID><BusinessName>Golden Fryer</BusinessName>
<BusinessType>Takeaway/sandwich shop</BusinessType><PostCode>ZZ1 1AD</PostCode></EstablishmentDetail>
<EstablishmentDetail><FHRSID>8</FHRSID><BusinessName>Meat Wholesale</BusinessName>
<BusinessType>Importers/Exporters</BusinessType><PostCode>ZZ1 1AD</PostCode></EstablishmentDetail>
</EstablishmentCollection></FHRSEstablishment>
"""
SITES = "code,name,x,y\nS1,Village Hospital,1250,1250\nS2,Far Hospital,3400,2400\n"
# id, name, local type, x, y, half of the box's side
NAMES = (
    ("s1", "Commercial Road", "Named Road", 1600, 1500, 150),
    ("s2", "Station Road", "Named Road", 1600, 1650, 150),
    ("s3", "Commercial Road", "Named Road", 3400, 2600, 150),
    ("s4", "St Mary's Road", "Named Road", 2500, 1200, 100),
    ("t1", "Selmarsh", "Town", 1500, 1500, 600),
    ("t2", "Wexlow", "Town", 3500, 2500, 500),
    ("p1", "Bracken Park", "Urban Greenspace", 2500, 2500, 80),
    ("x1", "Old Barrow", "Hill Or Mountain", 2500, 2500, 80),
)


def open_names(*rows: tuple[str, str, str, int, int, int]) -> str:
    """Lines of OS Open Names, which come without a header."""
    columns = word_list("layouts")["os_open_names"]["columns"]
    lines = []
    for number, name, kind, x, y, half in rows:
        cells = {
            "ID": number, "NAME1": name, "LOCAL_TYPE": kind, "GEOMETRY_X": x, "GEOMETRY_Y": y, "MBR_XMIN": x - half,
            "MBR_YMIN": y - half, "MBR_XMAX": x + half, "MBR_YMAX": y + half,
        }  # fmt: skip
        lines.append(",".join(str(cells.get(column, "")) for column in columns))
    return "\n".join(lines) + "\n"


def write_gazetteers(folder: Path, reference: Path) -> None:
    """Write the village's registers and load them."""
    files = {
        "names.csv": (open_names(*NAMES), "gazetteer", "names-1"),
        "licences.csv": (LICENCES, "gazetteer", "licensed-1"),
        "food.xml": (FOOD, "gazetteer", "food-1"),
        "sites.csv": (SITES, "sites", ""),
    }
    for name, (text, kind, vintage) in files.items():
        path = folder / name
        path.write_text(text)
        load(reference, kind=kind, source=[path], vintage=vintage, metric_crs=VILLAGE_CRS)
