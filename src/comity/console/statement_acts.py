"""Taking back an own statement, where the law allows: what binds is never unsaid (P3, P4)."""

from collections.abc import Mapping
from typing import Final

from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.words import say
from comity.base.errors import UsageError
from comity.console.fields import Fields
from comity.console.forms import list_terms, read_one_of
from comity.console.rewriting import may_rewrite
from comity.console.writing import Kind, Place, Speaker, Writing, make_reason
from comity.machine.machine import Machine
from comity.pact.offices import Act
from comity.procedure.act import ACTS
from comity.procedure.appointment import PlannedMeetingHeld
from comity.procedure.call import Acknowledged, AcknowledgementWithdrawn
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.entry import Entry
from comity.procedure.hotline import MessageAcknowledged, MessageRead, MessageReadBack, MessageSent
from comity.procedure.line import LineTestAnsweredByPerson
from comity.procedure.meeting import MeetingHeld
from comity.procedure.national import NationalActionEnded
from comity.procedure.phrase import PhraseReadBack, PhraseSent
from comity.procedure.stated import Stated

__all__ = ["OF_STATEMENT", "OWN_FORMS", "find_mending_path", "may_take_back"]


def may_take_back(machine: Machine, stated: Stated) -> bool:
    """Tell whether this party may take a statement back: its own officer's word, and one that does not bind.

    A correction of ours may be undone; a withdrawal is final (P3).
    """
    type_ = type(stated.entry)
    is_word = type_ in ACTS and not issubclass(type_, EntryWithdrawn)
    return stated.author == machine.party and is_word and not type_.binding


def find_mending_path(stated: Stated) -> str:
    """Return where the form is that puts a statement right; empty where no form could."""
    type_ = type(stated.entry)
    if issubclass(type_, EntryCorrected) or (type_ not in OWN_FORMS and not may_rewrite(type_)):
        return ""
    return OWN_FORMS.get(type_, "/record/{id}/correct").replace("{id}", stated.id.hex())


OWN_FORMS: Final[Mapping[type[Entry], str]] = {
    MessageSent: "/hotline/correct/{id}",
    PhraseSent: "/hotline/correct/{id}",
    PhraseReadBack: "/hotline/correct-back/{id}",
    MeetingHeld: "/duties/meeting/{id}/correct",
    PlannedMeetingHeld: "/duties/meeting/{id}/correct",
}
"""What has a form of its own, with its phrases and parties."""


def _find(desk: Desk, id_: str) -> Stated:
    machine = desk.node.machine
    stated = machine.record.find_statement(parse_id(id_))
    if stated is None or not may_take_back(machine, stated):
        raise UsageError("cli.no-such-object", beginning=id_[:16])
    return stated


def _withdraw(_: Place, stated: Stated, fields: Fields, __: Speaker) -> dict[str, object]:
    reason = read_one_of(fields, "reason", list_terms(CorrectionReason))
    return {"type": "EntryWithdrawn", "entry": stated.id.hex(), "reason": reason}


def _say_consequence(stated: Stated) -> str:
    """Say what the record shows once a statement is taken back."""
    after = {
        Acknowledged: say("Another acknowledgement of ours counts instead; without one the call is unanswered again."),
        AcknowledgementWithdrawn: say("The acknowledgement that it took back stands again."),
        MessageRead: say("Another reading of ours counts instead; without one the message stands as not read by us."),
        MessageAcknowledged: say(
            "Another acknowledgement of ours counts instead; without one the message is unanswered again."
        ),
        MessageReadBack: say("Our read-back before it counts again, if there is one."),
        PhraseReadBack: say("Our read-back before it counts again, if there is one."),
        LineTestAnsweredByPerson: say("The slot then shows another answer of ours, if there is one."),
        NationalActionEnded: say("The action that it ended stands again."),
    }.get(type(stated.entry), "")
    return f"{say('It stays on the record, marked as withdrawn, with the reason.')} {after}".strip()


def _find_page(stated: Stated) -> str:
    """Return the page of the consultation that it is of; what is of none has a page of the record."""
    found = getattr(stated.entry, "consultation", b"")
    named = next(iter(found), b"") if isinstance(found, tuple) else found
    return f"/consultations/{named.hex()}" if named else f"/record/{stated.id.hex()}"


OF_STATEMENT: Final[Kind[Stated]] = Kind(
    path="/statements/{id:str}",
    find=_find,
    find_audience=lambda desk, stated, fields: stated.audience,  # noqa: ARG005
    find_page=_find_page,
    writings=(
        Writing("withdraw", lambda: say("Take a statement back"), Act.CORRECT, _withdraw, make_reason(CorrectionReason),
                hint_of=_say_consequence, is_grave=True),
    ),
)  # fmt: skip
