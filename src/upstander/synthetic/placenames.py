"""Names of the fictional county's streets and venues. Made up; where a word is common, its company is ours."""

STREET_STEMS = (
    "Ashgrave", "Barley", "Bellfounders", "Bracken", "Butterwell", "Candle", "Chantry", "Cinder", "Clayfield", "Coldharbour",
    "Cooperage", "Cordwain", "Crowmere", "Curlew", "Drover", "Elderberry", "Farrier", "Fennel", "Foxlow", "Fuller",
    "Gallowtree", "Glover", "Gorse", "Granary", "Hackthorn", "Harrow", "Hazelbeck", "Heron", "Hollowell", "Hopyard",
    "Juniper", "Kestrel", "Kingsmead", "Lantern", "Larkrise", "Limekiln", "Linden", "Loomgate", "Maltings", "Marigold",
    "Medlar", "Millrace", "Nettlebed", "Oakapple", "Osier", "Otterbourne", "Paddock", "Pellmaker", "Pinfold", "Quarry",
    "Quince", "Rookery", "Rushmere", "Saddler", "Saltings", "Sorrel", "Spindle", "Starling", "Tanner", "Tenter",
    "Thistle", "Thornwick", "Tollhouse", "Twine", "Wagtail", "Weaver", "Wherry", "Whinfell", "Willowherb", "Woolcomb",
)
STREET_TYPES = (
    "Road", "Street", "Lane", "Avenue", "Close", "Drive", "Crescent", "Way", "Grove", "Terrace", "Court", "Gardens",
)
SHARED_STREETS = (
    "High Street", "Station Road", "Church Street", "Mill Lane", "Commercial Road", "Market Place", "Victoria Road",
    "Park Road", "London Road", "St Marys Road", "King Street", "Bridge Street",
)
VENUE_FIRSTS = (
    "Black", "Gilded", "Copper", "Salted", "Crooked", "Merry", "Old", "Silent", "Nine", "Three", "Blue", "Tin", "Velvet",
    "Golden", "White", "Red", "Lazy", "Thirsty", "Hidden", "Flying", "Broken", "Dancing", "Painted", "Little", "Wandering",
)
VENUE_SECONDS = (
    "Anchor", "Hare", "Still", "Pig", "Lanterns", "Weaver", "Whistle", "Ropemaker", "Otter", "Barrel", "Falcon", "Tiller",
    "Fox", "Lion", "Swan", "Bell", "Plough", "Heron", "Shuttle", "Compass", "Cockerel", "Wheatsheaf", "Unicorn", "Tankard",
    "Mariner", "Badger", "Acorn", "Beacon", "Drover", "Fiddle",
)
VENUE_TYPES = ("", "", "", " Inn", " Tavern", " Arms", " Bar", " Hotel", " Social Club")
CLUBS = (
    "Undercroft", "Velvet Rooms", "Club Meridian", "Bar Solstice", "Platform Nine Bar", "Neon Parish", "The Vaults",
    "Basement Forty", "Electric Loom", "Cellar Door",
)
CHAINS = ("The Moonrake", "Barrel Union", "Slug and Thimble", "O'Marrigans", "Harvest Table")
TAKEAWAYS = (
    "Golden Fryer", "Kebab Palace", "Pizza Crown", "Lucky Wok", "Chicken Hut", "Taste of Saffron", "Burger Forge",
    "The Codfather", "Noodle Yard", "Peri Corner",
)
SHOPS = ("Nearbuy Express", "Pennywise Stores", "Fourways Supermarket")
SCHOOLS = ("Academy", "High School", "Community College", "Primary School")
PARKS = ("Park", "Recreation Ground", "Common", "Gardens")
