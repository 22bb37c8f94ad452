"""What happens to your data: two pages for the person who decides whether to send it.

Fields in, fields dropped and why, who may read it and how long, and for each promise the test that proves it.
"""

from dataclasses import dataclass
from datetime import date

from upstander.contracts.asking import Purpose
from upstander.contracts.dataset import Column, DatasetContract
from upstander.contracts.fates import fate
from upstander.contracts.pages import page


@dataclass(frozen=True)
class SharingFacts:
    """What an agreement says, as this page needs it.

    gateway: the law that lets the agency share, in words. rule_words: how counts may be shown, one sentence.
    until: the last day of the agreement.
    """

    recipients: tuple[str, ...]
    gateway: str
    retention_days: int
    rule_words: str
    until: date


@dataclass(frozen=True)
class Promise:
    """Something we promise a sender, and the test that would fail if it were broken: file::name under tests/."""

    says: str
    test: str


PROMISES: tuple[Promise, ...] = (
    Promise(
        "Your file is locked (encrypted) before anything reads it; no plain copy lies on our disk.",
        "vault/test_store.py::test_no_plain_byte_of_a_kept_file_is_on_the_disk",
    ),
    Promise(
        "The key is not kept beside the data.",
        "vault/test_keys.py::test_no_byte_of_the_key_lies_in_the_home",
    ),
    Promise(
        "No column that identifies a person has a place in the store that analysts read.",
        "contracts/test_datasets.py::test_identifying_columns_never_appear_in_the_warehouse",
    ),
    Promise(
        "Free text is dropped. It stays in the sealed file only; words about a place give its kind and its area first.",
        "contracts/test_datasets.py::test_free_text_becomes_nothing_but_a_place",
    ),
    Promise(
        "A reader gets the fields the agreement grants, and no other.",
        "warehouse/test_read.py::test_only_the_granted_fields_come_out",
    ),
    Promise(
        "Two readers cannot put their extracts together by the codes in them.",
        "warehouse/test_read.py::test_two_readers_extracts_do_not_join",
    ),
    Promise(
        "It is used for the purposes above only, whatever anyone signs later.",
        "sharing/test_deciding.py::test_a_purpose_without_a_tick_is_refused_whatever_the_agreement_says",
    ),
    Promise(
        "Nobody reads without a trace: if it cannot be written down, it is refused.",
        "sharing/test_audit.py::test_an_action_is_refused_when_the_log_cannot_be_written",
    ),
    Promise(
        "When the agreement has ended, reading is refused.",
        "warehouse/test_read.py::test_a_grant_that_has_ended_is_refused_again",
    ),
    Promise(
        "Self-inflicted harm is never counted as violence.",
        "contracts/test_codes.py::test_no_self_inflicted_code_counts_as_violence",
    ),
    Promise(
        "No count that is too small to show leaves, nor a total that would give it away.",
        "disclosure/test_protect.py::test_a_margin_that_would_give_hidden_counts_away_is_hidden_too",
    ),
    Promise(
        "Where your data meets another agency's, the stricter rule holds.",
        "disclosure/test_protect.py::test_where_sources_meet_the_strictest_rule_governs",
    ),
)
PURPOSES = {
    Purpose.STRATEGIC: "The yearly assessment of what violence there is and why (strategic needs assessment)",
    Purpose.MONITORING: "Seeing each quarter whether things get better",
    Purpose.OPERATIONAL: "Deciding where to act next",
    Purpose.STEWARDSHIP: "Checking the data itself",
}


def your_data_html(contract: DatasetContract, facts: SharingFacts) -> str:
    """Two printed A4 pages, self-contained HTML."""
    return page(
        "your_data.html.j2",
        {
            "contract": contract,
            "facts": facts,
            "promises": PROMISES,
            "purposes": [(PURPOSES[purpose], note) for purpose, note in contract.purposes.items()],
            "groups": _groups(contract),
            "times": [time.starts for time in contract.event_times],
            "retention_days": min(facts.retention_days, contract.retention_days),
        },
    )


def _groups(contract: DatasetContract) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """(heading, lines) of the fields; a line is what happens and the names of the columns it happens to."""
    kinds: dict[str, list[Column]] = {
        "Fields that could identify someone": [c for c in contract.columns if c.identifies and c.becomes],
        "Fields that are dropped": [c for c in contract.columns if not c.becomes],
        "Other fields": [c for c in contract.columns if not c.identifies and c.becomes],
    }
    return [(heading, _by_fate(columns)) for heading, columns in kinds.items() if columns]


def _by_fate(columns: list[Column]) -> list[tuple[str, list[str]]]:
    named: dict[str, list[str]] = {}
    for column in columns:
        named.setdefault(fate(column), []).append(column.name)
    return list(named.items())
