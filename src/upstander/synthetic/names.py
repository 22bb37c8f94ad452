"""Words of the fictional county. Towns and surnames are made up; none is a place or a person that we know of."""

from typing import NamedTuple


class Town(NamedTuple):
    """A town: its district, its centre (km from the frame's corner), its size in small areas, its spread in km."""

    name: str
    district: str
    x_km: float
    y_km: float
    areas: int
    spread_km: float


class Quarter(NamedTuple):
    """A district: its code and the names of its wards, the first at the heart of its town."""

    name: str
    code: str
    wards: tuple[str, ...]


COUNTY, COUNTY_CODE, FORCE_CODE = "Brackenshire", "F10000001", "F23000001"
TOWNS = (
    Town("Tavenholt", "Tavenholt", 29.0, 25.0, 215, 2.9),
    Town("Selmarsh", "Selmarsh Coast", 51.0, 29.0, 68, 1.6),
    Town("Quarrowby", "Quarrowby", 17.0, 37.5, 62, 1.5),
    Town("Pellingstow", "Pellingstow", 40.0, 40.5, 48, 1.4),
    Town("Hathermoor", "Hathermoor", 11.5, 21.0, 44, 1.3),
    Town("Wexlow", "Wexlow and Fennicombe", 25.0, 9.5, 42, 1.3),
    Town("Dunscrake", "Dunscrake", 46.0, 14.0, 38, 1.2),
    Town("Fennicombe", "Wexlow and Fennicombe", 35.5, 8.0, 13, 0.8),
    Town("Ottelwick", "Hathermoor", 8.5, 30.0, 11, 0.7),
    Town("Cuttlestow", "Pellingstow", 31.5, 36.5, 11, 0.7),
    Town("Osmerley", "Quarrowby", 24.0, 44.5, 10, 0.7),
    Town("Yarrowdene", "Dunscrake", 36.0, 17.5, 9, 0.6),
)
RURAL_AREAS = 32
QUARTERS = (
    Quarter("Tavenholt", "F06000001", (
        "Tavenholt Guildgate", "Tavenholt Northgate", "Tavenholt Weaverside", "Tavenholt Kilnfield",
        "Tavenholt Millrace", "Tavenholt Larkrise", "Tavenholt Tanners", "Tavenholt Hayloft", "Tavenholt Cinderbank",
        "Tavenholt Southmere",
    )),
    Quarter("Selmarsh Coast", "F07000001", (
        "Selmarsh Seafront", "Selmarsh Netlofts", "Selmarsh Saltings", "Selmarsh Uplands",
    )),
    Quarter("Quarrowby", "F07000002", (
        "Quarrowby Station", "Quarrowby Foundry", "Quarrowby Heights", "Osmerley and Villages",
    )),
    Quarter("Pellingstow", "F07000003", ("Pellingstow Market", "Pellingstow Wharfside", "Cuttlestow and Villages")),
    Quarter("Hathermoor", "F07000004", ("Hathermoor Centre", "Hathermoor Ridge", "Ottelwick and Villages")),
    Quarter("Wexlow and Fennicombe", "F07000005", ("Wexlow Cornhithe", "Wexlow Meadows", "Fennicombe and Villages")),
    Quarter("Dunscrake", "F07000006", ("Dunscrake Dockside", "Dunscrake Terraces", "Yarrowdene and Villages")),
)  # fmt: skip
STREETS = (
    "Commercial Road", "Guildgate", "Station Road", "Market Row", "Tannery Lane", "Weaver Street", "Kiln Hill",
    "Foundry Street", "Orchard Way", "Millrace Walk", "Saltings Drive", "Lantern Street", "Priory Close",
    "Bracken Avenue", "Rookery Road", "Coopers Yard", "Heron Way", "Chandlers Row", "Larkrise Road", "Quarry Bank",
    "Netmakers Hard", "Seafront Parade", "Cinder Lane", "Old Tramway", "Hawthorn Grove", "Ropewalk", "Candle Street",
    "Barley Court", "Ferry Steps", "Moorside Crescent",
)  # fmt: skip
VENUES = (
    "the Black Anchor", "the Nine Lanterns", "Club Meridian", "the Weaver's Rest", "the Gilded Hare", "Bar Solstice",
    "the Tin Whistle", "Undercroft", "the Copper Still", "the Ropemaker", "Velvet Rooms", "the Lamp and Loom",
    "the Salted Pig", "Platform Nine Bar",
)  # fmt: skip
SURNAMES = (
    "Fenwright", "Ashgrave", "Tolliker", "Marrowby", "Quillfeather", "Okonmbe", "Pattelvar", "Brindlecote",
    "Hussanik", "Dunmarrow", "Selwright", "Varghani", "Coppersley", "Ketterlin", "Osterby", "Nwakondi", "Rahmanelli",
    "Thistlecote", "Wrenfold", "Kaurindra", "Yelverdale", "Zawadski-Holm", "Marchbanke", "Larkhollow", "Iqbaleen",
    "Gravenor", "Eldersedge", "Fothercombe", "Chowdhari-Vale", "Bexendale", "O'Merrigan", "Plumstedder",
)  # fmt: skip
FEMALE_FORENAMES = (
    "Amina", "Beth", "Chloe", "Dana", "Ellie", "Freya", "Grace", "Hannah", "Isla", "Jaya", "Katie", "Leila", "Megan",
    "Nadia", "Olivia", "Priya", "Rosa", "Sophie", "Tanya", "Zara",
)  # fmt: skip
MALE_FORENAMES = (
    "Adam", "Ben", "Callum", "Daniel", "Ethan", "Farid", "George", "Harry", "Imran", "Jack", "Kofi", "Liam", "Mohan",
    "Nathan", "Owen", "Pawel", "Ravi", "Sam", "Tariq", "Yusuf",
)  # fmt: skip
