"""What the forms of the hotline bring, read into the form of statements: marked words, phrases, codes of a call."""

from typing import Any, Final

import msgspec

from comity.api.desk import Desk
from comity.api.form import parse_form, parse_id
from comity.api.titles import Titles
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg
from comity.base.names import Digest, Party
from comity.console.corrected import find_standing
from comity.console.fields import Fields
from comity.console.moments import read_moment
from comity.console.wording import make_marked, read_texts
from comity.pact.phrase import Phrase, count_gaps
from comity.pact.release import equivalent_level
from comity.procedure.entry import Entry
from comity.procedure.hotline import MessageSent, MessageState
from comity.procedure.phrase import Filled, PhraseReadBack, PhraseSent, fill
from comity.procedure.registry import encode_entry
from comity.procedure.voice import VoiceCheck, VoiceState

__all__ = [
    "fill_all",
    "find_phrase",
    "get_message",
    "get_own_read_back",
    "get_voice_call",
    "keep_instants",
    "make_correction",
    "offer_body",
    "read_body",
    "read_check",
    "read_filled",
    "read_parties",
    "suggest_level",
]

CAVEATS: Final = ("ORCON",)
"""What a message may be narrowed by here; items have the whole list."""


def offer_body(desk: Desk, titles: Titles) -> dict[str, Any]:
    """Return what the fields of a marked text offer: own levels with one chosen, topics with none, caveats."""
    pact = desk.node.machine.pact
    return {
        "levels": [(level["id"], titles.title_of("level", level["id"])) for level in desk.levels()],
        "level": suggest_level(desk),
        "topics": [(row.id, titles.title_of("topic", row.id)) for row in pact.topics],
        "topic": (),
        "caveats": [(caveat, caveat) for caveat in CAVEATS],
    }


def read_body(desk: Desk, fields: Fields) -> dict[str, object]:
    """Return the marked text that was typed.

    Raises:
        UsageError: `console.field-missing`.
    """
    texts = read_texts(fields)
    if not texts:
        raise UsageError("console.field-missing", field="text")
    level, topics, caveats = fields.get("marked"), fields.list("topic"), fields.list("caveat")
    return make_marked(desk, texts, level=level, topics=topics, caveats=caveats)


def read_parties(desk: Desk, fields: Fields) -> tuple[Party, ...]:
    """Return to whom it goes: those that were ticked.

    Raises:
        UsageError: `console.field-missing`, `cli.no-such-party`.
    """
    parties, named = desk.node.machine.parties, fields.list("to")
    if not named:
        raise UsageError("console.field-missing", field="to")
    for party in named:
        if party not in parties:
            raise UsageError("cli.no-such-party", party=party[:40], parties=", ".join(parties))
    return named


def get_own_read_back(desk: Desk, id_: str) -> tuple[Digest, PhraseReadBack]:
    """Return our read-back of a phrase as it stands, with its id.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    named, machine = parse_id(id_), desk.node.machine
    standing = find_standing(machine, named)
    entry = None if standing is None or standing.withdrawn_by is not None else standing.stated.entry
    if not isinstance(entry, PhraseReadBack) or standing is None or standing.stated.author != machine.party:
        raise UsageError("cli.no-such-object", beginning=id_[:16])
    return named, entry


def find_phrase(desk: Desk, id_: str) -> Phrase:
    """Return a phrase of the pact.

    Raises:
        UsageError: `cli.no-such-object`.
    """
    found = next((row for row in desk.node.machine.pact.phrases if row.id == id_), None)
    if found is None:
        raise UsageError("cli.no-such-object", beginning=id_[:16])
    return found


def read_filled(desk: Desk, phrase: Phrase, fields: Fields) -> Filled:
    """Return the phrase with what was typed for its gaps.

    Raises:
        UsageError: `console.field-missing`, `console.field-malformed`.
    """
    counts, now = count_gaps(phrase), desk.node.now()
    parties = desk.node.machine.parties
    named = tuple(fields.get(f"party_{number}") for number in range(1, counts["party"] + 1))
    for party in named:
        if party not in parties:
            raise UsageError("cli.no-such-party", party=party[:40], parties=", ".join(parties))
    instants = (f"at_{number}" for number in range(1, counts["at"] + 1))
    numbers = [f"number_{number}" for number in range(1, counts["number"] + 1)]
    for name in numbers:
        fields.get(name)
    return Filled(
        phrase.id,
        named,
        tuple(read_moment(fields, name, now=now) for name in instants),
        tuple(fields.find_number(name) for name in numbers),
    )


def keep_instants(filled: Filled, old: Filled) -> Filled:
    """Return it with those instants of the old one that were left as their fields showed them, by the minute."""
    instants = tuple(
        before if format_dtg(Instant(before)) == format_dtg(Instant(now)) else now
        for now, before in zip(filled.instants, old.instants, strict=True)
    )
    return msgspec.structs.replace(filled, instants=instants)


def fill_all(phrase: Phrase, filled: Filled) -> dict[str, str]:
    """Return the sentence as each reader will read it, by language."""
    return fill(phrase, filled, instants={at: format_dtg(Instant(at)) for at in filled.instants})


def read_check(fields: Fields) -> dict[str, object]:
    """Return how the other end proved who it was, as it was written down."""
    challenge, reply = fields.find("challenge").upper(), fields.find("reply").upper()
    if not challenge:
        check = VoiceCheck.NOT_ASKED
    else:
        check = VoiceCheck.FAILED if fields.find("failed") or not reply else VoiceCheck.PROVED
    return {"check": check.value, "challenge": [challenge] if challenge else [], "reply": [reply] if reply else []}


def make_correction(id_: Digest, reason: str, new: Entry) -> Entry:
    """Return the statement that an earlier one should have read otherwise.

    Raises:
        UsageError: as `parse_form`.
    """
    form = {"type": "EntryCorrected", "entry": id_.hex(), "reason": reason, "replacement": encode_entry(new).hex()}
    return parse_form(form)


def get_message(desk: Desk, entry: str) -> MessageState:
    """Return the message meant, as it stands.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    state = desk.node.machine.record.get_state(desk.get_object(entry, "message"))
    if not isinstance(state, MessageState) or state.sent is None:
        raise UsageError("cli.no-such-object", beginning=entry[:16])
    return state


def get_voice_call(desk: Desk, entry: str) -> VoiceState:
    """Return the voice call meant, as it stands.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    state = desk.node.machine.record.get_state(desk.get_object(entry, "voice"))
    if not isinstance(state, VoiceState) or state.logged is None:
        raise UsageError("cli.no-such-object", beginning=entry[:16])
    return state


def suggest_level(desk: Desk, state: MessageState | None = None) -> str:
    """Return the level to offer: for words about a message our equal of its level, else the lowest of our own."""
    machine, levels = desk.node.machine, desk.levels()
    entry = None if state is None or state.sent is None else state.sent.stated.entry
    if isinstance(entry, MessageSent):
        marked = entry.body.marking.level
        if marked in {level["id"] for level in levels}:
            return marked
        equal = equivalent_level(machine.pact, marked, machine.party)
        return "" if equal is None else equal.id
    assert entry is None or isinstance(entry, PhraseSent), "what opens a message is one or the other"
    return min(levels, key=lambda level: level["rank"])["id"] if levels else ""
