"""What the pages of a branch add up to, and what it costs to keep (docs/spec/journal.md, J9, J12; ADR 0030)."""

import random
import sys

import msgspec
import pytest

from comity.base.encoding import encode
from comity.base.names import Digest
from comity.journal.authenticity import merge_epochs
from comity.journal.branch import Placed
from comity.journal.cut import merge_seen
from comity.journal.header import EMPTY_ROOT, Header, Kind, Page, SeenHead
from comity.journal.keypage import KeyBody
from comity.journal.trail import Trail
from kit.world import World

WORDS = b"\x92\xa4Said\xa5words"
NAMED_COUNT = 64


@pytest.fixture
def page(world: World) -> Page:
    """A page to change: nothing here looks at its signature."""
    usa = world.parties["USA"]
    return usa.parse(usa.say(usa.journal("JPN"), WORDS)[0])


def _place(page: Page, header: Header, parent: Placed | None) -> Placed:
    body = encode(KeyBody(header.epoch, header.salt, 0, 1, ()))
    epochs = merge_epochs(parent, msgspec.structs.replace(page, header=header, body=body))
    return Placed(header, page.digest, page.journal, parent, merge_seen(parent, header), epochs)


def _name(page: Page, number: int, heads: tuple[SeenHead, ...]) -> Header:
    kind = Kind.HEADS_SEEN
    return msgspec.structs.replace(page.header, kind=kind, number=number, entries_root=EMPTY_ROOT, seen=heads)


def _weigh(*things: object) -> int:
    """Return the bytes of all that hangs on these, each once; of pages only what their branches add up to."""
    size, done, queue = 0, set[int](), list(things)
    while queue:
        thing = queue.pop()
        if thing is None or id(thing) in done:
            continue
        done.add(id(thing))
        size += sys.getsizeof(thing)
        if isinstance(thing, dict):
            queue += [*thing.keys(), *thing.values()]
        elif isinstance(thing, list | tuple):
            queue += thing
        elif isinstance(thing, msgspec.Struct):
            queue += [getattr(thing, name) for name in thing.__struct_fields__]
    return size


def _name_much(page: Page, page_count: int) -> int:
    """Return what is held of so many pages of which each names journals of its own."""
    tip, trails = None, []
    for number in range(page_count):
        names = [Digest((number * NAMED_COUNT + index).to_bytes(32)) for index in range(NAMED_COUNT)]
        tip = _place(page, _name(page, number, tuple(SeenHead(name, 7, name) for name in names)), tip)
        trails.append(tip.named)
    return _weigh(*trails)


def _announce_much(page: Page, page_count: int) -> int:
    """Return what is held of so many pages of which each announces an epoch."""
    tip, trails = None, []
    for number in range(page_count):
        tip = _place(page, msgspec.structs.replace(page.header, number=number, epoch=1000 + number), tip)
        trails.append(tip.epochs)
    return _weigh(*trails)


def test_names_are_held_in_proportion_to_what_was_sent(page: Page) -> None:
    """However many pages came before: eight times the pages take eight times the room, not sixty-four times."""
    few, many = _name_much(page, 10), _name_much(page, 80)
    assert many < 9 * few
    assert many < 80 * NAMED_COUNT * 400


def test_epochs_are_held_in_proportion_to_what_was_sent(page: Page) -> None:
    """A page that announces an epoch does not take along those before it."""
    few, many = _announce_much(page, 40), _announce_much(page, 320)
    assert many < 9 * few
    assert many < 320 * 500


def test_a_page_that_adds_nothing_takes_nothing(page: Page) -> None:
    """It shares what its parent has."""
    first = _place(page, page.header, None)
    second = _place(page, _name(page, 1, ()), first)
    assert second.named is first.named
    assert second.epochs is first.epochs


@pytest.mark.parametrize("seed", range(40))
def test_every_branch_has_what_its_own_pages_said(page: Page, seed: int) -> None:
    """A liar's pages part from one another anywhere, in any order: each has what a walk back along its branch finds."""
    draw = random.Random(seed)
    names = [Digest(bytes([index]) * 32) for index in range(6)]
    pages: list[Placed] = []
    for _ in range(60):
        parent = draw.choice([None, *pages[-3:], *pages]) if pages else None
        number = 0 if parent is None else parent.header.number + 1
        rows = [(draw.choice(names), draw.randrange(4), Digest(draw.randbytes(32))) for _ in range(draw.randrange(4))]
        seen = tuple(SeenHead(*row) for row in sorted(rows))
        header = _name(page, number, seen)
        if draw.random() < 0.3:
            header = msgspec.structs.replace(
                page.header, number=number, epoch=draw.randrange(5), salt=Digest(draw.randbytes(32))
            )
            header = msgspec.structs.replace(header, seen=seen)
        pages.append(_place(page, header, parent))
    for placed in pages:
        named: dict[bytes, SeenHead] = {}
        epochs: dict[int, bytes] = {}
        for node in reversed(list(placed.walk_back())):
            for head in node.header.seen:
                if head.journal not in named or head.number >= named[head.journal].number:
                    named[head.journal] = head
            if node.header.kind is Kind.KEYS:
                epochs[node.header.epoch] = node.header.salt
        assert dict(placed.named.pairs()) == named
        assert len(list(placed.named.pairs())) == len(named)
        assert [placed.named.find(name) for name in names] == [named.get(name) for name in names]
        assert dict(placed.epochs.pairs()) == epochs
        assert [placed.epochs.find(epoch) for epoch in range(5)] == [epochs.get(epoch) for epoch in range(5)]


def test_a_long_row_of_partings_is_let_go_of() -> None:
    """A branch that parts from another at each of its pages goes without a call within a call for each."""
    trail: Trail[int, int] = Trail()
    for number in range(100_000):
        trail.extend(number, {0: 0})
        trail = trail.extend(number, {1: number})
    assert trail.find(1) == 99_999
    assert trail.find(0) is None
    del trail
