"""How a bulletin was made: the small print that tells a reader how far to trust the rest."""

import dataclasses

from publish.wharram import SOURCES, county, released
from upstander.publish.facts import Facts, facts_of
from upstander.publish.sections import made

POLICE, AMBULANCE, HOSPITAL = SOURCES


def facts(tried: dict[tuple[str, str], float] | None) -> Facts:
    bulletin = county()
    more = {} if tried is None else {"tried": released("tried", ("source", "what"), tried)}
    return facts_of(dataclasses.replace(bulletin, tables={**bulletin.tables, **more}))


def paragraph(lead: str, told: Facts) -> str:
    return dict(made.section(told).paragraphs).get(lead, "")


def test_a_ranking_that_was_tried_is_told_beside_chance_and_the_best_choice() -> None:
    tried = {(HOSPITAL, "named"): 12, (HOSPITAL, "caught"): 0.412, (HOSPITAL, "at_random"): 0.06,
             (HOSPITAL, "at_best"): 0.47}  # fmt: skip
    assert paragraph("Ranking tried", facts(tried)) == (
        "The 12 busiest places of the months before held 41% of the last three months' hospital attendances; as many "
        "at random would hold 6%, the best choice 47%."
    )


def test_a_source_whose_ranking_was_not_tried_is_not_told_of() -> None:
    assert paragraph("Ranking tried", facts(None)) == ""
    assert paragraph("Ranking tried", facts({(POLICE, "named"): 12})) == ""
