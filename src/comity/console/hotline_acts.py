"""What is signed from the page *Hotline*: messages, phrases, receipts, read-backs, corrections, calls, tests.

Each is proposed from what a form brought and goes the one way of `acts`. Nothing is decided here: the funnel and the
machine refuse what may not be said.
"""

from collections.abc import Mapping
from typing import Any

from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.form import parse_form, parse_id, read_words, simplify
from comity.base.errors import UsageError
from comity.base.names import Audience
from comity.console.acts import Acts
from comity.console.fields import Fields
from comity.console.hotline import find_tests
from comity.console.hotline_forms import (
    fill_all,
    find_phrase,
    get_message,
    get_own_read_back,
    get_voice_call,
    keep_instants,
    make_correction,
    read_body,
    read_check,
    read_filled,
    read_parties,
)
from comity.console.moments import read_moment
from comity.console.signing import Proposal, find_name, propose
from comity.console.visit import Visit
from comity.pact.offices import Act
from comity.procedure.entry import Entry
from comity.procedure.hotline import MessageRead, MessageSent, MessageState
from comity.procedure.line import LineTestAnsweredByPerson, LineTestSent
from comity.procedure.phrase import PhraseReadBack, PhraseSent

__all__ = ["make_hotline_acts"]

WORDS = "hotline_words.html"


def make_hotline_acts(acts: Acts, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes of every act of the page."""
    say, answer = Saying(desk), Answering(desk)
    message, acknowledge = Act.MESSAGE, Act.ACKNOWLEDGE
    return [
        *acts.make("/hotline/phrase/{channel:str}", say.phrase, speaks_as=message),
        *acts.make("/hotline/message/{channel:str}", say.message, speaks_as=message),
        *acts.make("/hotline/correction/{entry:str}", say.correction, speaks_as=message),
        *acts.make("/hotline/withdrawal/{entry:str}", say.withdrawal, speaks_as=Act.CORRECT),
        *acts.make("/hotline/translation/{entry:str}", say.translation, speaks_as=message),
        *acts.make("/hotline/voice/{channel:str}", say.voice_call, speaks_as=message),
        *acts.make("/hotline/read/{entry:str}", answer.reading, speaks_as=acknowledge),
        *acts.make("/hotline/read-back/{entry:str}", answer.read_back, speaks_as=acknowledge),
        *acts.make("/hotline/back-correction/{entry:str}", answer.read_back_correction, speaks_as=acknowledge),
        *acts.make("/hotline/account/{entry:str}", answer.account, speaks_as=acknowledge),
        *acts.make("/hotline/tests/{channel:str}", answer.tests, speaks_as=acknowledge),
    ]


class Saying:
    """What this party says first, and how it puts right what it said."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def phrase(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose a standard phrase, shown as every reader will read it."""
        del visit, role
        phrase = find_phrase(self._desk, fields.get("phrase"))
        filled = read_filled(self._desk, phrase, fields)
        form = {"type": "PhraseSent", **_read_head(fields, fields.place["channel"]), "filled": simplify(filled)}
        shown = {"words": fill_all(phrase, filled), "of_phrase": True}
        return propose(self._desk, form, to=read_parties(self._desk, fields), template=WORDS, shown=shown)

    def message(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose a free message under its marking."""
        del visit, role
        form = {
            "type": "MessageSent",
            **_read_head(fields, fields.place["channel"]),
            "body": read_body(self._desk, fields),
        }
        return propose(self._desk, form, to=read_parties(self._desk, fields))

    def correction(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose how one of our messages should have read: what was sent stays on the record."""
        del visit, role
        state = self._get_own(fields)
        assert state.sent is not None, "it was found"
        old = state.sent.stated.entry
        assert isinstance(old, MessageSent | PhraseSent), "a message is one or the other"
        head = {**_read_head(fields, old.channel), "answers": [id_.hex() for id_ in old.answers],
                "consultation": [id_.hex() for id_ in old.consultation]}  # fmt: skip
        if isinstance(old, MessageSent):
            new = parse_form({"type": "MessageSent", **head, "body": read_body(self._desk, fields)})
            words = read_words(new.body) if isinstance(new, MessageSent) else {}
        else:
            phrase = find_phrase(self._desk, old.filled.phrase)
            filled = read_filled(self._desk, phrase, fields)
            new = parse_form({"type": "PhraseSent", **head, "filled": simplify(filled)})
            words = fill_all(phrase, filled)
        entry = make_correction(state.sent.stated.id, fields.get("reason"), new)
        return Proposal(state.scope.audience, (entry,), template=WORDS, shown={"words": words, "of_phrase": False})

    def withdrawal(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose to take back a message or a logged call of ours; it stays on the record as withdrawn."""
        del visit, role
        stated = self._desk.node.machine.record.find_statement(parse_id(fields.place["entry"]))
        if stated is None or stated.author != self._desk.node.machine.party or stated.entry.belongs_to[1]:
            raise UsageError("cli.no-such-object", beginning=fields.place["entry"][:16])
        form = {"type": "EntryWithdrawn", "entry": stated.id.hex(), "reason": fields.get("reason")}
        return self._propose(stated.audience, form)

    def translation(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose a translation beside a message: this party's own word."""
        form = {"type": "MessageTranslated", "message": fields.place["entry"], "role": role,
                "officer": self._name(visit), "body": read_body(self._desk, fields)}  # fmt: skip
        return self._propose(get_message(self._desk, fields.place["entry"]).scope.audience, form)

    def voice_call(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose the log of a voice call, with the codes that were spoken."""
        now, party = self._desk.node.now(), self._desk.node.machine.party
        others = sorted(set(read_parties(self._desk, fields)) - {party})
        form = {"type": "VoiceCallLogged", "channel": fields.place["channel"], "level": fields.get("level"),
                "parties": others, "began_at": read_moment(fields, "began", now=now),
                "ended_at": read_moment(fields, "ended", now=now), **read_check(fields), "consultation": [],
                "role": role, "officer": self._name(visit)}  # fmt: skip
        return propose(self._desk, form)

    def _get_own(self, fields: Fields) -> MessageState:
        state = get_message(self._desk, fields.place["entry"])
        if state.sent is None or state.sent.stated.author != self._desk.node.machine.party:
            raise UsageError("cli.no-such-object", beginning=fields.place["entry"][:16])
        return state

    def _name(self, visit: Visit) -> str:
        return find_name(visit, self._desk.node.machine.party)

    def _propose(self, audience: Audience, form: Mapping[str, object]) -> Proposal:
        return Proposal(audience, (parse_form(form),))


class Answering:
    """What this party answers to what others said."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def reading(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose that an officer here has read a message."""
        del role
        state = get_message(self._desk, fields.place["entry"])
        return Proposal(state.scope.audience, (MessageRead(state.scope.ref, self._name(visit)),))

    def read_back(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose a message as it was read here; a phrase is read back as a phrase."""
        del visit, role
        state = get_message(self._desk, fields.place["entry"])
        assert state.sent is not None, "it was found"
        old = state.sent.stated.entry
        if isinstance(old, PhraseSent):
            phrase = find_phrase(self._desk, fields.get("phrase"))
            filled = read_filled(self._desk, phrase, fields)
            entry: Entry = PhraseReadBack(state.scope.ref, filled)
            shown: dict[str, Any] = {"words": fill_all(phrase, filled), "of_phrase": True}
            return Proposal(state.scope.audience, (entry,), template=WORDS, shown=shown)
        entry = parse_form(
            {"type": "MessageReadBack", "message": state.scope.ref.hex(), "body": read_body(self._desk, fields)}
        )
        return Proposal(state.scope.audience, (entry,))

    def read_back_correction(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose how our read-back of a phrase should have read; what is left as it was stays to the millisecond."""
        del visit, role
        id_, old = get_own_read_back(self._desk, fields.place["entry"])
        phrase = find_phrase(self._desk, old.filled.phrase)
        filled = keep_instants(read_filled(self._desk, phrase, fields), old.filled)
        if filled == old.filled:
            raise UsageError("console.nothing-changed")
        entry = make_correction(id_, fields.get("reason"), PhraseReadBack(old.message, filled))
        audience = get_message(self._desk, old.message.hex()).scope.audience
        shown = {"words": fill_all(phrase, filled), "of_phrase": True}
        return Proposal(audience, (entry,), template=WORDS, shown=shown)

    def account(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose our own account of a voice call."""
        state = get_voice_call(self._desk, fields.place["entry"])
        form = {"type": "VoiceCallConfirmed", "call": state.scope.ref.hex(), **read_check(fields), "role": role,
                "officer": self._name(visit)}  # fmt: skip
        return Proposal(state.scope.audience, (parse_form(form),))

    def tests(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose a person's answer to each test of the latest slot."""
        channel = fields.place["channel"]
        line = next((line for line in self._desk.node.machine.pact.hotlines if line.id == channel), None)
        open_ = () if line is None else find_tests(self._desk, line).open
        if line is None or not open_:
            raise UsageError("cli.no-such-object", beginning=channel[:16])
        entries = [
            LineTestAnsweredByPerson(test.entry.channel, test.entry.slot_at, test.id, role, self._name(visit))
            for test in open_
            if isinstance(test.entry, LineTestSent)
        ]
        return Proposal(open_[0].audience, tuple(entries))

    def _name(self, visit: Visit) -> str:
        return find_name(visit, self._desk.node.machine.party)


def _read_head(fields: Fields, channel: str) -> dict[str, object]:
    """Return what messages and phrases have in common."""
    answers = fields.find("answers")
    return {
        "channel": channel,
        "level": fields.get("level"),
        "precedence": fields.get("precedence"),
        "consultation": [],
        "answers": [answers] if answers else [],
    }
