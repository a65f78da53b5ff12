"""Small histories of several parties: what they said, what was withheld, who lied, who lost a key.

A history is a list of `Act`s played in a `World`; every page that anyone wrote goes into one pool. Tests deliver the
pool to readers as they like.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from comity.base.names import Party
from comity.journal.header import Feed, JournalId
from comity.journal.ledger import Ledger
from comity.journal.writer import sign_checkpoint
from kit.forgery import begin_again, genesis_of, restore, sign_closure
from kit.world import Member, World

__all__ = ["KINDS", "Act", "History", "find_state", "play"]

KINDS = ("say", "see", "deliver", "checkpoint", "epoch", "fork", "incarnate")


@dataclass(frozen=True)
class Act:
    """One thing that a party does: `who` and `whom` pick parties, `which` picks a page, all by number."""

    kind: str
    who: int
    whom: int
    which: int


@dataclass
class History:
    """What came of it: every page that was written, in that order, and the texts of each audience."""

    world: World
    pool: list[bytes] = field(default_factory=list)
    texts: dict[tuple[Party, ...], list[bytes]] = field(default_factory=dict)


def play(acts: list[Act], world: World | None = None) -> History:
    """Play the acts among three parties who have met, of a new world or of one that is given."""
    history = History(world or World())
    history.world.meet()
    history.pool = [genesis_of(member) for member in history.world.parties.values()]
    for index, act in enumerate(acts):
        member = history.world.parties[history.world.names[act.who % 3]]
        others = [name for name in history.world.names if name != member.name]
        readers = ([others[0]], [others[1]], others)[act.whom % 3]
        _ACTS[act.kind](history, member, member.journal(*readers), act, b"\x92\xa4Said\xa8" + b"%08d" % index)
    return history


def _say(history: History, member: Member, journal: JournalId, act: Act, text: bytes) -> None:
    digest = journal.find_digest(history.world.suite)
    if digest not in member.epochs and journal.incarnation > 0:
        history.pool += member.open_epoch(journal, opening=_find_opening(member, journal, act))
    history.pool += member.say(journal, text)
    history.texts.setdefault(journal.audience, []).append(text)


def _find_opening(member: Member, journal: JournalId, act: Act) -> tuple[bytes, ...]:
    """A later incarnation closes the one before at any of its pages, or whole."""
    own = [
        raw
        for raw in member.raws
        if (page := member.parse(raw)).header.journal.family == journal.family
        and page.header.journal.incarnation == journal.incarnation - 1
    ]
    if not own:
        return ()
    return (sign_closure(member, journal, own[act.which % len(own)]),)


def _see(history: History, member: Member, journal: JournalId, _act: Act, _text: bytes) -> None:
    raw = member.writer.build_heads_seen(member.draft(journal))
    if raw is not None:
        member.take(raw)
        history.pool.append(raw)


def _deliver(history: History, member: Member, _journal: JournalId, act: Act, _text: bytes) -> None:
    """Hand over a stretch of the pool, gaps and all; an author never gets his own lies back, he would have to stop."""
    start = act.which % len(history.pool)
    for raw in history.pool[start : start + 4]:
        own = member.parse(raw).header.journal
        if own.author != member.name and member.name in own.audience:
            member.take(raw)


def _checkpoint(history: History, member: Member, journal: JournalId, _act: Act, _text: bytes) -> None:
    if member.ledger.find_book(journal.find_digest(history.world.suite)) is None:
        return
    body = sign_checkpoint(
        journal=journal,
        statement=member.writer.find_checkpoint_statement(journal),
        checkpoint_secret=member.secrets.checkpoint,
        ceremony=history.world.ceremony,
    )
    raw = member.writer.build_checkpoint(member.draft(journal), body)
    member.take(raw)
    history.pool.append(raw)


def _epoch(history: History, member: Member, journal: JournalId, _act: Act, _text: bytes) -> None:
    digest = journal.find_digest(history.world.suite)
    if digest in member.epochs:
        history.pool += member.open_epoch(journal, member.epochs[digest][0] + 1)


def _fork(history: History, member: Member, journal: JournalId, act: Act, text: bytes) -> None:
    """A home restored from some earlier state speaks with the same keys."""
    held = [raw for raw in member.raws if member.parse(raw).header.journal.feed == Feed.GENESIS]
    rest = [raw for raw in member.raws if raw not in held]
    twin = restore(member, [*held, *rest[: act.which % (len(rest) + 1)]])
    history.pool += twin.say(journal, text)
    history.texts.setdefault(journal.audience, []).append(text)


def _incarnate(history: History, member: Member, _journal: JournalId, act: Act, _text: bytes) -> None:
    history.pool.append(begin_again(member, *([genesis_of(member)] if act.which % 2 else [])))


_ACTS = {
    "say": _say,
    "see": _see,
    "deliver": _deliver,
    "checkpoint": _checkpoint,
    "epoch": _epoch,
    "fork": _fork,
    "incarnate": _incarnate,
}


def find_state(ledger: Ledger) -> Mapping[str, Any]:
    """All that anyone can ask of a ledger."""
    pages = [page for book in ledger.books() for page in book.pages()]
    return {
        "pages": [(page.journal, page.header.number, page.digest) for page in pages],
        "tips": [tip.digest for book in ledger.books() for tip in book.find_tips()],
        "standing": [ledger.find_standing(page) for page in pages],
        "cuts": [sorted(ledger.find_cut(page).items()) for page in pages],
        "doubts": [sorted(ledger.find_doubts(page).items()) for page in pages],
        "latest": [ledger.find_latest_at(page) for page in pages],
        "whole": [ledger.has_whole_cut(page) for page in pages],
        "missing": [(missing.head, missing.witness.digest) for missing in ledger.find_missing()],
        "held": [(page.raw, code) for page, code in ledger.held()],
        "confirmed": [
            [(party, number, page.digest) for party, (number, page) in sorted(rows.items())]
            for rows in (ledger.witnesses.find_confirmed(book.digest) for book in ledger.books())
        ],
        "certificates": [ledger.trust.find_node_keys(name) for name in sorted(ledger.trust.pins.roots)],
    }
