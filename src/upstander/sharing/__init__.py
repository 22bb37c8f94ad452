"""Who may read what, for which purpose, under which agreement; and the trail of every answer.

Comes in: requests, and agreements as signed TOML files. Goes out: Allowed with its grants, or Refused with the reason
and the next step; audit entries in a chain. Must never: read a dataset, know the time by itself, or let an unsigned,
altered, ended or unlawful agreement grant anything.
"""

from upstander.sharing.agreement import Act, ActKind, Agreement, Signature
from upstander.sharing.anchors import Anchor, AnchoredLog, head_line, kept_at
from upstander.sharing.audit import (
    AuditEntry,
    AuditEvent,
    AuditFault,
    AuditHead,
    AuditSearch,
    chained,
    entry_of,
    first_fault,
    first_word,
    whole_entries,
)
from upstander.sharing.deciding import decide
from upstander.sharing.drafting import FeedDraft, dated, draft, drafted_schedules, sender_kind
from upstander.sharing.errors import BadAgreement
from upstander.sharing.explaining import explain
from upstander.sharing.feeds import linkage_domain, schedules_in_force, strictest_handling
from upstander.sharing.files import FileAgreements
from upstander.sharing.gateways import GATEWAYS, Gateway, GatewayName, PartyKind
from upstander.sharing.log import FileAuditLog
from upstander.sharing.matrix import Cell, Reader, matrix, readers
from upstander.sharing.policy import rules_of
from upstander.sharing.processing import Processing, in_rows, record_of_processing, standing
from upstander.sharing.protection import Flow, Protection
from upstander.sharing.protocols import AgreementRegister, AuditLog
from upstander.sharing.records import (
    Decision,
    Stored,
    act_record,
    agreement_of,
    decided,
    governing,
    signature_record,
)
from upstander.sharing.registers import KeptAgreements
from upstander.sharing.shipping import shipped, shipped_names
from upstander.sharing.terms import Handling, Linkage, Party, Schedule, Terms, canonical_terms, read_terms
from upstander.sharing.usage import Usage, usage

__all__ = [
    "GATEWAYS",
    "Act",
    "ActKind",
    "Agreement",
    "AgreementRegister",
    "Anchor",
    "AnchoredLog",
    "AuditEntry",
    "AuditEvent",
    "AuditFault",
    "AuditHead",
    "AuditLog",
    "AuditSearch",
    "BadAgreement",
    "Cell",
    "Decision",
    "FeedDraft",
    "FileAgreements",
    "FileAuditLog",
    "Flow",
    "Gateway",
    "GatewayName",
    "Handling",
    "KeptAgreements",
    "Linkage",
    "Party",
    "PartyKind",
    "Processing",
    "Protection",
    "Reader",
    "Schedule",
    "Signature",
    "Stored",
    "Terms",
    "Usage",
    "act_record",
    "agreement_of",
    "canonical_terms",
    "chained",
    "dated",
    "decide",
    "decided",
    "draft",
    "drafted_schedules",
    "entry_of",
    "explain",
    "first_fault",
    "first_word",
    "governing",
    "head_line",
    "in_rows",
    "kept_at",
    "linkage_domain",
    "matrix",
    "read_terms",
    "readers",
    "record_of_processing",
    "rules_of",
    "schedules_in_force",
    "sender_kind",
    "shipped",
    "shipped_names",
    "signature_record",
    "standing",
    "strictest_handling",
    "usage",
    "whole_entries",
]
