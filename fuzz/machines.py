"""A whole machine of one party, to which another, who knows its keys, sends what it likes (ARCHITECTURE, section 7)."""

import random
from collections.abc import Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

import msgspec

from comity.api.desk import Desk
from comity.api.duty_rows import show_duties
from comity.api.line_view import show_lines
from comity.api.timeline import show_timeline
from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.crypto.label import digest, label
from comity.journal.header import Kind, parse_page
from comity.journal.seal import find_key_of_page, find_leaves, find_page_key, find_root, open_page, seal_body
from comity.journal.writer import wrap_epoch_key
from comity.machine.effect import Answer, Commit, Effect, Fetch, Publish, Wrap
from comity.machine.input import Arrived, Committed, FetchEnded, Input, Published, Say, Ticked, Wrapped
from comity.machine.machine import Machine
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from fuzz.change import change_message
from fuzz.door import Door
from fuzz.entries import find_entries
from kit.loop import Loop

__all__ = ["DOORS"]

READER, LIAR = "JPN", "USA"
FIELD_OF_BODY_DIGEST = 11


@cache
def _find_loop() -> tuple[Loop, tuple[bytes, ...]]:
    """Three parties of the pact in force who have called for consultation, and the pages that the liar wrote."""
    loop = Loop()
    loop.be_born()
    loop.settle()
    loop.say(LIAR, _call())
    loop.say(LIAR, _call(), to=(READER,))
    loop.settle()
    pages = [raw for raw in loop.stored[READER] if _find_author(raw) == LIAR]
    return loop, tuple(pages)


def _call() -> ConsultationCalled:
    return ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), (READER,))


def _find_author(raw: bytes) -> object:
    return msgspec.msgpack.decode(msgspec.msgpack.decode(raw)[0])[4][3]


class _Driver:
    """Carries out what a machine must have done before it goes on: commits and wraps."""

    def __init__(self, machine: Machine, loop: Loop) -> None:
        self._machine, self._loop = machine, loop
        self.at = loop.now
        self.answered = 0

    def give(self, given: Input) -> None:
        waiting = list(self._machine.handle(given))
        while waiting:
            waiting += self._carry_out(waiting.pop(0))

    def salt(self) -> bytes:
        return self._loop.ceremony.random(32)

    def _carry_out(self, effect: Effect) -> tuple[Effect, ...]:
        match effect:
            case Commit():
                return self._machine.handle(Committed(self.at, self.salt(), effect.number))
            case Wrap():
                key, loop = self.salt(), self._loop
                commitment, wraps = wrap_epoch_key(
                    journal=effect.journal, epoch=effect.epoch, key=key, readers=effect.readers, suite=loop.suite,
                    ceremony=loop.ceremony,
                )  # fmt: skip
                journal = effect.journal.find_digest(loop.suite)
                return self._machine.handle(
                    Wrapped(self.at, self.salt(), journal, effect.epoch, key, commitment, wraps)
                )
            case Publish():
                return self._machine.handle(Published(self.at, self.salt(), effect.digest, is_out=True))
            case Fetch():
                return self._machine.handle(
                    FetchEnded(self.at, self.salt(), effect.party, effect.journal, is_answered=False)
                )
            case Answer():
                self.answered += 1
        return ()


def _arrive(raw: bytes) -> None:
    """The bytes come to a machine that has some of the pages, then the rest; it still does what it is told."""
    loop, pages = _find_loop()
    machine = Machine(loop.machines[READER].setup)
    stored = loop.stored[READER]
    cut = len(raw) % (len(stored) + 1)
    machine.restore([page for place, page in enumerate(stored) if place < cut or _find_author(page) == READER])
    driver = _Driver(machine, loop)
    for message in _find_messages(raw):
        driver.give(Arrived(driver.at, driver.salt(), message, 1))
    for page in pages:
        driver.give(Arrived(driver.at, driver.salt(), page, 2))
    driver.at = Instant(driver.at + 60_000)
    driver.give(Ticked(driver.at, driver.salt()))
    driver.give(Say(driver.at, driver.salt(), 1, machine.parties, (_call(),)))
    assert driver.answered == 1
    _look(machine, driver.at)


def _look(machine: Machine, at: Instant) -> None:
    """Every view that an officer can ask for."""
    shelf = SimpleNamespace(find_givings=lambda: (), find_own=lambda _: None)
    node: Any = SimpleNamespace(machine=machine, shelf=shelf, now=lambda: at)
    items: Any = None
    desk = Desk(node, items, pact_raw=b"", suite=machine.setup.suite)
    for view in (desk.consultations, desk.texts, desk.measures):
        msgspec.json.encode(view())
    msgspec.json.encode(show_lines(machine, at))
    msgspec.json.encode(show_duties(desk.judge_duties()))
    msgspec.json.encode(show_timeline(machine, after=0, cut=lambda rows: rows))


def _find_messages(raw: bytes) -> list[bytes]:
    try:
        found = msgspec.msgpack.decode(raw, type=list[bytes])
    except (msgspec.DecodeError, ValueError):
        return [raw]
    # A page too is an array of bins: of three, the second a signature.
    return [raw] if len(found) == 3 and len(found[1]) == 64 else found[:16]


def _change(raw: bytes, draw: random.Random) -> bytes:
    """Say something more, change one of the messages and sign it anew, add one, or leave one out."""
    messages = _find_messages(raw) or [raw]
    place = draw.randrange(len(messages))
    match draw.randrange(12):
        case 0:
            messages.insert(place, draw.choice(_find_loop()[1]))
        case 1 if len(messages) > 1:
            del messages[place]
        case 2 | 3 | 4 | 5:
            messages[place] = _forge(messages[place], draw)
        case _:
            messages.append(_say(messages[place], [*_find_stated(), *_find_said(messages)], draw))
    return msgspec.msgpack.encode(messages)


def _sign(header: list[object], body: bytes) -> bytes:
    """A page of the liar's with this header and body; the body's digest is put right."""
    suite = _find_loop()[0].suite
    header[FIELD_OF_BODY_DIGEST] = digest(suite, "body", body)
    raw = msgspec.msgpack.encode(header)
    secret = _find_loop()[0].machines[LIAR].setup.secrets.node
    return msgspec.msgpack.encode([raw, suite.sign(secret=secret, message=label("page") + raw), body])


def _forge(raw: bytes, draw: random.Random) -> bytes:
    """Change the header or the body of a page, and sign it."""
    try:
        header_raw, _, body = msgspec.msgpack.decode(raw, type=tuple[bytes, bytes, bytes])
        if draw.randrange(3):
            header_raw = change_message(header_raw, draw)
        else:
            body = change_message(body, draw)
        return _sign(msgspec.msgpack.decode(header_raw, type=list[object]), body)
    except (msgspec.DecodeError, ValueError, IndexError, OverflowError, TypeError):
        return change_message(raw, draw)


def _say(raw: bytes, ids: Sequence[bytes], draw: random.Random) -> bytes:
    """A page after this one, rightly sealed and signed: entries of any type that cite what there is."""
    loop, _ = _find_loop()
    try:
        before = parse_page(raw, loop.suite)
    except RemoteError:
        return change_message(raw, draw)
    header = before.header
    epoch_key = loop.machines[LIAR].keyring.find_epoch_key(journal=before.journal, epoch=header.epoch)
    if epoch_key is None:
        return _forge(raw, draw)
    entries = [_cite(draw.choice(find_entries()), ids, draw) for _ in range(draw.randrange(1, 5))]
    salt, number = draw.randbytes(32), header.number + 1
    key = find_page_key(
        loop.suite, epoch_key=epoch_key, salt=salt, journal=before.journal, number=number, epoch=header.epoch
    )
    body = seal_body(loop.suite, page_key=key, entries=entries, journal=header.journal, number=number)
    root = find_root(find_leaves(loop.suite, page_key=key, entries=entries))
    said = msgspec.structs.replace(
        header, kind=Kind.ENTRIES, number=number, previous=before.digest, salt=salt, entry_count=len(entries),
        entries_root=root, opening=(), written_at=header.written_at + draw.choice((0, 1, 1000, 3_600_000)),
    )  # fmt: skip
    return _sign(msgspec.msgpack.decode(msgspec.msgpack.encode(said), type=list[object]), body)


@cache
def _find_stated() -> tuple[bytes, ...]:
    """The ids of all that was honestly stated."""
    return tuple(stated.id for stated in _find_loop()[0].machines[LIAR].statements.all)


def _find_said(messages: Sequence[bytes]) -> list[bytes]:
    """The ids of all entries in these pages, as far as they open."""
    loop, _ = _find_loop()
    found: list[bytes] = []
    for raw in messages:
        try:
            page = parse_page(raw, loop.suite)
            key = loop.machines[LIAR].keyring.find_epoch_key(journal=page.journal, epoch=page.header.epoch)
            if page.header.kind is Kind.ENTRIES and key is not None:
                page_key = find_key_of_page(loop.suite, page, key)
                found += find_leaves(loop.suite, page_key=page_key, entries=open_page(loop.suite, page, key).entries)
        except RemoteError:
            continue
    return found


def _cite(raw: bytes, ids: Sequence[bytes], draw: random.Random) -> bytes:
    """Let an entry cite statements that there are, and now and then change something in it."""
    cited = msgspec.msgpack.encode(_put_ids(msgspec.msgpack.decode(raw), ids, draw))
    return change_message(cited, draw) if draw.randrange(5) == 0 else cited


def _put_ids(value: object, ids: Sequence[bytes], draw: random.Random) -> object:
    if isinstance(value, list):
        return [_put_ids(inner, ids, draw) for inner in value]
    is_id = isinstance(value, bytes) and len(value) == 32
    return draw.choice(ids) if is_id and draw.randrange(4) else value


DOORS = (Door("machine", _arrive, lambda: [*_find_loop()[1], msgspec.msgpack.encode(list(_find_loop()[1]))], _change),)
