"""The dashboard over real releases: who may, what is written down, what is cited, taken away and left out."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connections

from upstander.pipeline.outputs import ledger_lines
from upstander.web.accounts.models import Conflict
from upstander.web.accounts.roles import Role
from web.released_town import town_site
from web.sites import Member, Site

TREND = "/dashboard/figure/2026-Q1-0001-trend/"
OLDER = "/dashboard/figure/2025-Q4-0001-trend/"
WARD, DISTRICT = "ward24:F05000001", "ltla24:F07000001"
AT = datetime(2026, 5, 15, 12, tzinfo=UTC)


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Site]:
    yield town_site(tmp_path_factory, tmp_path / "town")
    connections.close_all()


def get(site: Site, member: Member, address: str, status: int = 200) -> str:
    answer = site.inside(member).get(address, secure=True)
    assert answer.status_code == status, answer.content[:300]
    return str(answer.content.decode())


def test_each_tab_opens_for_those_who_may_and_is_absent_for_others(town: Site) -> None:
    members = town.one_of_each()
    may = {
        Role.DATA_OWNER,
        Role.ANALYST,
        Role.PROFESSIONAL,
        Role.TASKING,
        Role.PROGRAMMES,
        Role.DIRECTOR,
        Role.GOVERNANCE,
    }
    for role, member in members.items():
        get(town, member, "/dashboard/", 200 if role in may else 404)
    for tab in ("extent", "risk", "impact", "quality"):
        assert "Release 2026-Q1/0001" in get(town, members[Role.DIRECTOR], f"/dashboard/{tab}/")
    get(town, members[Role.DIRECTOR], "/dashboard/nothing/", 404)


def test_an_agency_without_an_agreement_finds_no_page(town: Site) -> None:
    get(town, town.member(Role.PROFESSIONAL, agency="elsewhere"), "/dashboard/", 404)


def test_an_opening_is_one_line_of_the_audit_log_with_the_release_and_the_filters(town: Site) -> None:
    member = town.member(Role.PROFESSIONAL)
    before = len(town.actions())
    get(town, member, "/dashboard/extent/?measure=police_violence&period=2025-Q4")
    new = town.actions()[before:]
    said = "open dashboard 2026-Q1/0001 extent measure=police_violence&period=2025-Q4"
    assert new == [(member.handle, said, "done")]


def test_filters_offer_only_what_the_release_tells_together_and_say_so_where_it_does_not(town: Site) -> None:
    member = town.member(Role.PROFESSIONAL)
    page = get(town, member, f"/dashboard/extent/?measure=police_violence&area={WARD}")
    ages = re.findall(r'name="age".*?</select>', page, re.DOTALL)[0]
    assert ("All ages" in ages, "Under 25" in ages) == (True, False)
    assert "Under 25" in get(town, member, "/dashboard/extent/?measure=police_violence")
    refused = get(town, member, f"/dashboard/extent/?measure=police_violence&area={WARD}&age=under+25", 422)
    assert "Error: " in refused
    assert "The release tells no number for this combination" in refused
    assert "<figure" not in refused
    strange = get(town, member, "/dashboard/extent/?area=ward24:X", 422)
    assert '<a href="#filter-area">Place: there is none of that name' in strange


def test_a_cited_figure_pins_its_edition_and_says_when_a_newer_one_is_out(town: Site) -> None:
    member = town.member(Role.DIRECTOR)
    older = get(town, member, OLDER + "?measure=police_violence")
    assert "Figure of release 2025-Q4/0001" in older
    assert "Release 2026-Q1/0001 has been published since" in older
    assert "published since" not in get(town, member, TREND + "?measure=police_violence")


def test_what_is_no_figure_for_this_person_is_the_page_that_is_not_there(town: Site) -> None:
    member = town.member(Role.DIRECTOR)
    nowhere = get(town, member, "/nowhere/", 404)
    for address in ("2026-Q1-0009-trend/", "2026-Q1-0001-secret/", "nonsense/", "2026-Q1-0001-trend/exe/",
                    f"2026-Q1-0001-trend/?area={WARD}&age=under+25"):  # fmt: skip
        assert get(town, member, f"/dashboard/figure/{address}", 404) == nowhere


def test_a_download_opened_again_is_the_table_of_the_page_and_a_numbered_copy(town: Site) -> None:
    member = town.member(Role.DIRECTOR)
    query = "?measure=police_violence"
    page = get(town, member, TREND + query)
    table = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)[0]
    shown = [cell.replace(",", "") for cell in re.findall(r"</th><td[^>]*>([^<]*)</td>", table)]
    answer = town.inside(member).get(TREND + "csv/" + query, secure=True)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    taken = [row["value"] or {"suppressed": "*", "missing": "[x]"}[row["status"]] for row in rows]
    assert len(shown) == 4
    assert taken == shown
    assert "copy-0001.csv" in answer.headers["Content-Disposition"]
    (line,) = [one for one in ledger_lines(town.opened.home) if one["kind"] == "figure copy"]
    assert (line["person"], line["recipients"], line["shown"]["number"]) == (member.handle, ["vrn"], "0001")
    assert town.actions()[-1][1] == "take csv 2026-Q1/0001 trend copy 0001"


@pytest.mark.parametrize(("form", "starts"), [("xlsx", b"PK"), ("svg", b"<svg"), ("png", b"\x89PNG")])
def test_a_figure_is_taken_as_a_workbook_and_as_pictures(town: Site, form: str, starts: bytes) -> None:
    answer = town.inside(town.member(Role.DIRECTOR)).get(f"{TREND}{form}/?measure=police_violence", secure=True)
    assert answer.status_code == 200
    assert answer.content.startswith(starts)


def test_areas_of_a_conflict_are_left_out_with_a_sentence_until_it_ends(town: Site) -> None:
    member = town.member(Role.PROFESSIONAL)
    assert WARD in get(town, member, "/dashboard/extent/")
    declared = Conflict.objects.create(person=member.person, kind="area", value=DISTRICT, declared_at=AT)
    page = get(town, member, "/dashboard/extent/")
    assert ("F07000001" in page, WARD in page) == (False, False)
    assert "You declared a conflict of interest" in page
    get(town, member, f"{TREND}?measure=police_violence&area={WARD}", 404)
    assert WARD in get(town, town.member(Role.PROFESSIONAL), "/dashboard/extent/")
    declared.ended_at = AT
    declared.save()
    assert WARD in get(town, member, "/dashboard/extent/")


def test_rates_stand_beside_one_another_with_intervals_and_on_a_map(town: Site) -> None:
    page = get(town, town.member(Role.DIRECTOR), "/dashboard/extent/?measure=police_violence&period=FY2025")
    assert "per 100,000 people a year" in page
    assert 'id="map-police-violence"' in page
    assert "95% interval" in page


def test_the_home_page_says_which_release_is_out_and_leads_to_it(town: Site) -> None:
    page = get(town, town.member(Role.PROFESSIONAL), "/")
    assert "The release of January to March 2026 is published" in page
    assert page.count('href="/dashboard/"') == 2
    assert "/dashboard/" not in get(town, town.member(Role.PANEL), "/")


def test_a_home_without_a_published_release_says_what_was_looked_for(site: Site) -> None:
    from web.test_matrix import agree

    agree(site, ["vrn"])
    page = get(site, site.member(Role.DIRECTOR), "/dashboard/")
    assert "looked for a published release and found none" in page
