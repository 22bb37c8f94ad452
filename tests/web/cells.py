"""The cells of the matrix and what each must answer, written down here by hand and not read from the program.

A cell is an address, a method, a visitor, how long ago the second factor was shown, whose the thing is, how the
agreement stands, and the manner of asking. Ways to write a row: name, who, methods, and marks: `sensitive`, `agreed`
(needs an agreement that gives the page's purpose), `release` (of a release, if there is one), `quarter` (of one that is
over), `owned` (only one's own), `watched` (one's own, and anybody's for an analyst), `any` (anybody's, if it is there),
`program` (answered to programs, in JSON, and by token), `unpublished` (of a published release: there is none here),
`unmade` (of a picture or a basemap, of which there is none here; test_surveillance.py opens them), `feed` (one's own
agency's, and anybody's for an analyst), `none` (there is none here; what there is, tests of the part itself ask for).
"""

import hashlib
import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

VISITORS = (
    "stranger", "half_way", "setting_up", "data_owner", "analyst", "professional", "tasking", "panel", "programmes",
    "director", "governance", "administrator", "token",
)  # fmt: skip
ROLES = VISITORS[3:-1]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
FRESH = ("fresh", "stale")
OWNERS = ("own", "same_agency", "other_agency", "absent")
ABOUT_ONE = {"owned", "watched", "feed", "any", "none"}  # marks of a page about one thing
AGREEMENTS = ("in_force", "suspended", "ended")  # in the order in which one agreement can come to them
# With nothing in it; with another method hidden in the form, or in a header; with a body that is none of ours; at the
# address without its last slash, or with one too many.
MANNERS = ("empty", "hidden_in_form", "hidden_in_header", "strange_body", "other_slash")

_ROWS = """
home                   signed_in       GET
account_login          everybody       GET,POST
mfa_authenticate       everybody       GET,POST
account_inactive       everybody       GET
open_invitation        everybody       GET
invitation             everybody       GET,POST
first_factor           setting_up      GET,POST
first_passkey          setting_up      POST
step_up                signed_in       GET,POST
account_logout         signed_in+      GET,POST
signed_out             everybody       GET
account                signed_in       GET
authenticator_app      signed_in       GET,POST   sensitive
add_passkey            signed_in       GET,POST   sensitive
remove_passkey         signed_in       POST       sensitive owned
recovery_codes         signed_in       GET,POST   sensitive
end_device             signed_in       POST       owned
end_other_devices      signed_in       POST
declare_conflict       signed_in       GET,POST
people                 administrator   GET
invite                 administrator   GET,POST   sensitive
add_agency             administrator   GET,POST   sensitive
person                 administrator   GET        any
change_person          administrator   GET,POST   sensitive any
close_person           administrator   GET,POST   sensitive any
invite_again           administrator   GET,POST   sensitive any
conflicts              governance      GET
end_conflict           governance      GET,POST   sensitive any
tokens                 administrator   GET
grant_token            administrator   GET,POST   sensitive
revoke_token           administrator   GET,POST   sensitive any
own_tokens             readers         GET
fetch_token            readers         POST       sensitive owned
revoke_own_token       readers         GET,POST   sensitive owned
api_openapi            signed_in,token GET        program
api_releases           readers,token   GET        program agreed
api_release            readers,token   GET        program agreed unpublished
api_measures           readers,token   GET        program agreed unpublished
api_areas              readers,token   GET        program agreed unpublished
api_periods            readers,token   GET        program agreed unpublished
api_cells              readers,token   GET        program agreed unpublished
api_figure             readers,token   GET        program agreed unpublished
api_attribution        readers,token   GET        program agreed unpublished
dashboard              readers         GET        agreed
dashboard_tab          readers         GET        agreed
figure                 readers         GET        agreed unpublished
take_figure            readers         GET        agreed unpublished
deliveries             data_owner,analyst GET
send_delivery          data_owner,analyst GET,POST
delivery_report        data_owner,analyst GET   feed
delivery_mistakes      data_owner,analyst GET   none
reading                data_owner,analyst GET   none
held_deliveries        analyst         GET
decide_held            analyst         GET,POST   sensitive none
quality                data_owner,analyst GET
feed_quality           data_owner,analyst GET,POST none
scorecard_file         data_owner,analyst GET   none
handouts               data_owner,analyst GET
handout                data_owner,analyst GET   none
data_use               data_owner,analyst GET
work                   signed_in       GET
all_work               analyst         GET
job                    signed_in       GET        watched
job_state              signed_in       GET        watched
stop_job               signed_in       POST       watched
releases               analyst,director,governance GET
make_release           analyst         GET,POST   sensitive agreed quarter
release                analyst,director,governance GET release
release_table          analyst,director,governance GET agreed release
release_attack         analyst,director,governance GET agreed release
release_revisions      analyst,director,governance GET agreed release
release_revisions_csv  analyst,director,governance POST agreed release
prove_release          analyst,director,governance POST agreed release
approve_release        analyst,director,governance GET,POST sensitive agreed release
release_files          analyst,director GET,POST  sensitive agreed release
take_file              analyst,director POST      sensitive agreed release
ledger                 analyst,director,governance GET
recall_output          analyst,director,governance GET,POST sensitive release
agreements             partners        GET
agreement              partners        GET        any
who_may_see            governance      GET
ending_soon            governance      GET
refusals               governance      GET
processing             governance      GET
processing_page        governance      GET
processing_table       governance      GET
annex                  governance      GET
sign_agreement         governance      GET,POST   sensitive
decide_agreement       governance      GET,POST   sensitive any
audit                  governance      GET
audit_person           governance      GET,POST   sensitive
audit_export           governance      POST       sensitive
audit_verify           governance      GET,POST
review                 governance      GET,POST
one_review             governance      GET,POST   any
own_use                data_owner      GET
surveillance           tasking,analyst,professional,director GET  agreed
make_picture           tasking,analyst,professional,director POST agreed
basemap                tasking,analyst,professional,director GET  agreed unmade
taken                  tasking,analyst,professional,director GET  agreed
taken_csv              tasking,analyst,professional,director GET  agreed
picture_page           tasking,analyst,professional,director GET  agreed unmade
picture_areas          tasking,analyst,professional,director GET  agreed unmade
picture_bulletin       tasking,analyst,professional,director GET  agreed unmade
take                   tasking,analyst POST    agreed unmade
place                  tasking,analyst,professional,director GET  agreed unmade
place_paper            tasking,analyst,professional,director GET  agreed unmade
help                   everybody       GET
accessibility          everybody       GET
health                 everybody       GET
ready                  everybody       GET
picture                tasking,analyst GET        agreed
panel                  panel           GET        sensitive agreed
breaks                 tasking,analyst GET        agreed
nowhere                nobody          GET
"""


@dataclass(frozen=True)
class Row:
    """One page, and what is declared here of it."""

    name: str
    who: str
    methods: tuple[str, ...]
    marks: frozenset[str]

    def lets_in(self, visitor: str) -> bool:
        words = set(self.who.split(","))
        if words & {"signed_in", "signed_in+"} and visitor in ROLES:
            return True
        if "partners" in words and visitor in ROLES and visitor != "administrator":
            return True
        is_reader = "readers" in words and visitor in ROLES and visitor not in {"panel", "administrator"}
        return visitor in words or is_reader or (self.who == "signed_in+" and visitor == "setting_up")


@dataclass(frozen=True)
class Cell:
    name: str
    method: str
    visitor: str
    fresh: str
    owner: str
    agreement: str
    manner: str = "empty"


@cache
def rows() -> dict[str, Row]:
    found = [line.split() for line in _ROWS.strip().splitlines()]
    return {one[0]: Row(one[0], one[1], tuple(one[2].split(",")), frozenset(one[3:])) for one in found}


def expected(cell: Cell) -> str:
    """open, sign_in, set_up, step_up, absent or method. Only another slash changes what is asked for: to no page."""
    row = rows()["nowhere" if cell.manner == "other_slash" else cell.name]
    answers = cell.method in {*row.methods, *(("HEAD",) if "GET" in row.methods else ())}
    if row.who == "everybody":
        return "open" if answers else "method"
    is_program = "program" in rows()[cell.name].marks
    if cell.visitor in {"stranger", "half_way", "setting_up" if is_program else "", "" if is_program else "token"}:
        return "sign_in"
    if cell.visitor == "setting_up":
        return "set_up" if not row.lets_in("setting_up") else "open" if answers else "method"
    if not row.lets_in(cell.visitor) or ("agreed" in row.marks and cell.agreement != "in_force"):
        return "absent"
    if "sensitive" in row.marks and cell.fresh == "stale":
        return "step_up"
    if not answers:
        return "method"
    if row.marks & {"unpublished", "unmade"}:
        return "absent"
    others = {"same_agency", "other_agency", "absent"}
    is_analyst = cell.visitor == "analyst"
    missing = {
        "owned": others, "watched": {"absent"} if is_analyst else others, "any": {"absent"}, "none": {*OWNERS},
        "feed": {"absent"} if is_analyst else {"other_agency", "absent"}, "release": {"absent"}, "quarter": {"absent"},
    }  # fmt: skip
    return "absent" if any(cell.owner in missing.get(mark, ()) for mark in row.marks) else "open"


def cells_of(visitor: str) -> Iterator[Cell]:
    """Every cell of a visitor; a dimension that says nothing of a page has one value there."""
    for row in rows().values():
        owners = OWNERS if row.marks & (ABOUT_ONE | {"release", "quarter"}) else ("own",)
        agreements = AGREEMENTS if "agreed" in row.marks else ("in_force",)
        for words in itertools.product((row.name,), METHODS, (visitor,), FRESH, owners, agreements, MANNERS):
            yield Cell(*words)


def pairwise(cells: Collection[Cell]) -> list[Cell]:
    """Few of them, so that any two values that occur together in one cell occur together in one that is kept."""
    wanted = set().union(*map(pairs, cells))
    kept = []
    for cell in sorted(cells, key=hash_of):
        if new := pairs(cell) & wanted:
            wanted -= new
            kept.append(cell)
    return kept


def hash_of(cell: Cell) -> str:
    """A fixed order that mixes: the same on every machine."""
    return hashlib.sha256(repr(cell).encode()).hexdigest()


def pairs(cell: Cell) -> set[tuple[tuple[int, str], ...]]:
    """What occurs together in it, two by two: which dimension, and the value."""
    return set(itertools.combinations(enumerate(vars(cell).values()), 2))
