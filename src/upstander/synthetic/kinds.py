"""What kinds of violence happen where, how badly they hurt and with what: shares, as tables.

The shares are our own, set so that the county's yearly counts and mix look like those of an English county; they are
inputs of a fiction, not findings.
"""

from upstander.contracts.codes import code_list
from upstander.synthetic.chance import Numbers, table
from upstander.synthetic.hours import SETTINGS

# Home Office classes; their titles are the contracts' own. 17A and 19F are 20A and 19C where the victim is a man.
CLASSES = ("1", "2", "3B", "5D", "8N", "8P", "8S", "104", "105A", "105B", "10D", "34B", "20A", "19C")
OF_MEN = {"20A": "17A", "19C": "19F"}
SEXUAL = ("17A", "19C", "19F", "20A")
ON_OFFICERS = ("8S", "104")
TITLES = {code: code_list("home_office_offences").meanings[code] for code in (*CLASSES, *OF_MEN.values())}
SEVERITIES = ("none", "minor", "moderate", "serious", "fatal")
WEAPONS = ("body_part", "sharp", "glass", "blunt", "firearm", "corrosive", "other")

SETTING_SHARES = {
    "home": 0.498, "street": 0.215, "licensed": 0.07, "open_space": 0.045, "transport": 0.035, "school": 0.055,
    "work": 0.055, "hospital": 0.015, "custody": 0.012,
}  # fmt: skip
_OUTDOORS = {
    "1": 0.0003, "2": 0.0006, "3B": 0.05, "5D": 0.03, "8N": 0.33, "8P": 0.02, "8S": 0.012, "104": 0.02, "105A": 0.31,
    "105B": 0.02, "10D": 0.045, "34B": 0.11, "20A": 0.025, "19C": 0.005,
}  # fmt: skip
_INDOORS = {
    "1": 0.0003, "2": 0.0004, "3B": 0.07, "5D": 0.025, "8N": 0.37, "8P": 0.003, "8S": 0.008, "104": 0.01,
    "105A": 0.45, "105B": 0.003, "20A": 0.03, "19C": 0.03,
}  # fmt: skip
_AT_WORK = {"3B": 0.06, "5D": 0.01, "8N": 0.28, "8P": 0.02, "105A": 0.56, "105B": 0.03, "34B": 0.03, "20A": 0.01}
_IN_CUSTODY = {"8S": 0.35, "104": 0.6, "8N": 0.05}
_AT_SCHOOL = {"3B": 0.02, "5D": 0.006, "8N": 0.35, "8P": 0.01, "105A": 0.55, "105B": 0.02, "10D": 0.03, "20A": 0.014}
_LICENSED = _OUTDOORS | {"34B": 0.01, "10D": 0.01, "5D": 0.05, "8N": 0.5, "105A": 0.28}
_CLASS_SHARES = {
    "home": _INDOORS, "street": _OUTDOORS, "licensed": _LICENSED, "open_space": _OUTDOORS, "transport": _OUTDOORS,
    "school": _AT_SCHOOL, "work": _AT_WORK, "hospital": _AT_WORK, "custody": _IN_CUSTODY,
}  # fmt: skip
_UNHURT = {"none": 0.93, "minor": 0.07}
_SEVERITY_SHARES = {
    "1": {"fatal": 1.0}, "2": {"serious": 0.8, "moderate": 0.2}, "3B": _UNHURT,
    "5D": {"moderate": 0.5, "serious": 0.5}, "8N": {"minor": 0.68, "moderate": 0.29, "serious": 0.03},
    "8P": {"minor": 0.75, "moderate": 0.25}, "8S": {"minor": 0.85, "moderate": 0.15}, "104": _UNHURT, "105A": _UNHURT,
    "105B": _UNHURT, "10D": {"none": 1.0}, "34B": {"none": 0.65, "minor": 0.27, "moderate": 0.08},
    "20A": {"none": 0.8, "minor": 0.2}, "19C": {"none": 0.4, "minor": 0.4, "moderate": 0.2},
}  # fmt: skip
_FISTS = {"body_part": 0.9, "blunt": 0.05, "sharp": 0.015, "other": 0.035}
_WEAPON_SHARES = {
    "1": {"sharp": 0.55, "body_part": 0.25, "blunt": 0.12, "firearm": 0.08},
    "2": {"sharp": 0.7, "blunt": 0.15, "firearm": 0.15}, "3B": {"body_part": 0.74, "sharp": 0.22, "firearm": 0.04},
    "5D": {"sharp": 0.42, "body_part": 0.3, "blunt": 0.15, "glass": 0.07, "corrosive": 0.02, "firearm": 0.04},
    "8N": {"body_part": 0.8, "blunt": 0.08, "glass": 0.045, "sharp": 0.045, "corrosive": 0.002, "other": 0.028},
    "8P": _FISTS, "8S": _FISTS, "104": _FISTS, "105A": _FISTS, "105B": _FISTS, "10D": {"sharp": 1.0},
    "34B": {"body_part": 0.62, "sharp": 0.31, "blunt": 0.04, "firearm": 0.03}, "20A": {"body_part": 1.0},
    "19C": {"body_part": 0.96, "sharp": 0.04},
}  # fmt: skip


def class_weights() -> Numbers:
    """How often each offence class (columns) is what happens in each setting (rows)."""
    return table({setting: _CLASS_SHARES[setting] for setting in SETTINGS}, CLASSES)


def severity_weights() -> Numbers:
    """How badly each offence class (rows) hurts."""
    return table({code: _SEVERITY_SHARES[code] for code in CLASSES}, SEVERITIES)


def weapon_weights() -> Numbers:
    """What each offence class (rows) is done with."""
    return table({code: _WEAPON_SHARES[code] for code in CLASSES}, WEAPONS)
