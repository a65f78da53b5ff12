"""Drafts that the rules of the pact asked for, at a node's desk: listed, sent, or discarded (W17)."""

from collections.abc import Collection, Mapping
from typing import Annotated, Final

import msgspec

from comity.api.desk import Desk
from comity.api.detected_words import compose_report
from comity.api.form import parse_id, simplify
from comity.api.shape import Parties
from comity.api.views.drafts import DiscardShown, DraftShown, ReportShown
from comity.base.errors import UsageError
from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Audience
from comity.machine.machine import Machine
from comity.procedure.correction import EntryCorrected, EntryWithdrawn
from comity.procedure.detected import (
    WORD_COUNT_MAX,
    DetectedThreatReported,
    DiscardReason,
    Draft,
    DraftBook,
    DraftDiscarded,
    Evidence,
    Report,
    ThreatDetected,
    ThreatDrafted,
    fold_drafts,
)
from comity.procedure.entry import MarkedText, Translation

__all__ = [
    "Discarding",
    "SendingDraft",
    "discard_draft",
    "get_open_draft",
    "is_over",
    "list_drafts",
    "make_discard",
    "make_report",
    "read_drafts",
    "send_draft",
    "show_draft",
]

SHOWN_COUNT_MAX: Final = 500
OVER_AFTER_MS: Final = 5 * MINUTE_MS
"""After an estimated impact: by then it is down or was never there."""


Words = Annotated[Mapping[str, Annotated[str, msgspec.Meta(max_length=16_384)]], msgspec.Meta(max_length=16)]
"""Texts by language."""


class SendingDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom a draft is reported, and in which words; left out: all who may read what it rests on, its own words."""

    to: Parties = ()
    words: Words = msgspec.field(default_factory=dict)


class Discarding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why nothing is reported of a draft."""

    reason: DiscardReason
    words: Annotated[str, msgspec.Meta(max_length=WORD_COUNT_MAX)] = ""


def read_drafts(machine: Machine) -> DraftBook:
    """Return what the record says of drafts, and of reports with evidence."""
    types = (ThreatDetected, DetectedThreatReported, ThreatDrafted, DraftDiscarded, EntryCorrected, EntryWithdrawn)
    return fold_drafts(machine.statements.find(*types), machine.party)


def list_drafts(desk: Desk, *, is_open: bool) -> list[DraftShown]:
    """Return drafts, the latest first: those that wait, or all."""
    machine = desk.node.machine
    found = [draft for draft in read_drafts(machine).drafts if draft.is_open or not is_open]
    found.sort(key=lambda draft: (draft.first_at, draft.stated.id), reverse=True)
    return [_show(desk, draft) for draft in found[:SHOWN_COUNT_MAX]]


def make_report(
    desk: Desk, draft: str, *, to: Collection[str] = (), words: Mapping[str, str] | None = None
) -> tuple[Audience, DetectedThreatReported]:
    """Return what an officer would report of a draft, and to whom.

    Raises:
        UsageError: `warning.no-draft`, `warning.draft-closed`, `warning.readers`.
    """
    from comity.warning.classes import make_marking  # noqa: PLC0415 -- arrays come with it; who has no tracks needs none

    machine = desk.node.machine
    entry, me, pact = get_open_draft(machine, draft).entry, machine.party, machine.pact
    audience = tuple(sorted({me, *(to or entry.readers)}))
    if not set(audience) <= set(entry.readers):
        raise UsageError("warning.readers", readers=", ".join(entry.readers))
    class_ = pact.find_track_class(entry.evidence.class_)
    if class_ is None or me not in class_.reported_by:
        raise UsageError("warning.not-reported", clause=entry.evidence.class_)
    said = {row.language: row.text for row in compose_report(entry, pact)} | dict(words or {})
    text = MarkedText(make_marking(pact, class_, me), tuple(Translation(*row) for row in sorted(said.items())))
    fields = (entry.kind, entry.occurred_at, entry.threatened, entry.sources)
    try:
        return audience, DetectedThreatReported(*fields, text, entry.evidence)
    except ValueError as error:
        raise UsageError("statement.malformed-form", type="DetectedThreatReported", why=str(error)[:200]) from error


async def send_draft(desk: Desk, draft: str, sending: SendingDraft) -> list[str]:
    """Report what was drafted, by an officer; return the id.

    Raises:
        UsageError: as `make_report`, as `Node.say`.
    """
    audience, report = make_report(desk, draft, to=sending.to, words=sending.words)
    return [id_.hex() for id_ in await desk.node.say(audience, (report,))]


async def discard_draft(desk: Desk, draft: str, discarding: Discarding) -> list[str]:
    """Report nothing of a draft, and say why to one's own party.

    Raises:
        UsageError: `warning.no-draft`, `warning.draft-closed`; as `Node.say`.
    """
    entry = make_discard(desk, draft, discarding)
    return [id_.hex() for id_ in await desk.node.say((desk.node.machine.party,), (entry,))]


def make_discard(desk: Desk, draft: str, discarding: Discarding) -> DraftDiscarded:
    """Return what an officer would say who reports nothing of a draft.

    Raises:
        UsageError: `warning.no-draft`, `warning.draft-closed`.
    """
    found = get_open_draft(desk.node.machine, draft)
    return DraftDiscarded(found.stated.id, discarding.reason, discarding.words, desk.node.now())


def is_over(desk: Desk, evidence: Evidence) -> bool:
    """Tell whether an object is over: its impact is past; without one, none of its tracks is live (W19).

    What is lost on its way down still comes down.
    """
    if evidence.impact:
        return desk.node.now() > evidence.impact[0].at + OVER_AFTER_MS
    if desk.drafts is None or desk.drafts.live.at <= evidence.at:
        return False
    return not any(row.evidence.is_of(evidence) for row in desk.drafts.live.rows)


def get_open_draft(machine: Machine, id_: str) -> Draft:
    """Return a draft that waits for an officer, by the id of any of its words.

    Raises:
        UsageError: `api.malformed`, `warning.no-draft`, `warning.draft-closed`.
    """
    found = _get_draft(machine, id_)
    if not found.is_open:
        raise UsageError("warning.draft-closed", beginning=id_[:16])
    return found


def show_draft(desk: Desk, id_: str) -> DraftShown:
    """Return one draft as it stands, by the id of any of its words, open or not.

    Raises:
        UsageError: `api.malformed`, `warning.no-draft`.
    """
    return _show(desk, _get_draft(desk.node.machine, id_))


def _get_draft(machine: Machine, id_: str) -> Draft:
    wanted = parse_id(id_)
    found = next((draft for draft in read_drafts(machine).drafts if wanted in draft.ids), None)
    if found is None:
        raise UsageError("warning.no-draft", beginning=id_[:16])
    return found


def _show(desk: Desk, draft: Draft) -> DraftShown:
    entry, pact = draft.entry, desk.node.machine.pact
    return {
        "id": draft.stated.id.hex(),
        "drafted_at": Instant(draft.first_at),
        "updated_at": draft.stated.written_at,
        "count": draft.count,
        "kind": entry.kind.value,
        "occurred_at": entry.occurred_at,
        "threatened": list(entry.threatened),
        "readers": list(entry.readers),
        "evidence": simplify(entry.evidence),
        "words": {row.language: row.text for row in compose_report(entry, pact)},
        "state": _find_state(draft),
        "report": "" if draft.reported is None else draft.reported.stated.id.hex(),
        "discarded": _show_discard(draft),
        "is_over": is_over(desk, entry.evidence),
        "offered": [_show_report(report) for report in draft.offered],
    }


def _show_discard(draft: Draft) -> DiscardShown | None:
    stated = draft.discarded
    if stated is None or not isinstance(stated.entry, DraftDiscarded):
        return None
    entry = stated.entry
    at = Instant(entry.discarded_at)
    return {"id": stated.id.hex(), "reason": entry.reason.value, "words": entry.words, "at": at}


def _find_state(draft: Draft) -> str:
    if draft.reported is not None:
        return "reported"
    return "open" if draft.discarded is None else "discarded"


def _show_report(report: Report) -> ReportShown:
    return {
        "id": report.stated.id.hex(),
        "party": report.stated.author,
        "at": report.stated.written_at,
        "rule": report.evidence.rule,
        "tracks": list(report.evidence.tracks),
        "is_by_rule": isinstance(report.stated.entry, ThreatDetected),
    }
