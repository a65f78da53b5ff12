"""Who knows of an anchor: the readers of the journal that it is about, and nobody else (docs/spec/warning.md, W30)."""

import pytest

from comity.base.names import Audience, Party
from comity.machine.effect import Answer
from comity.procedure.anchor import AnchoredJournal, WarningAnchored, fold_anchors
from kit.loop import Loop

PAIR: Audience = ("JPN", "USA")
ALL: Audience = ("JPN", "KOR", "USA")


@pytest.fixture
def loop() -> Loop:
    """Three machines with a pact in force."""
    loop = Loop()
    loop.be_born()
    return loop


def _anchor(loop: Loop, audience: Audience, number: int, *, to: Audience) -> Answer:
    return loop.say("USA", WarningAnchored(audience, 0, number, bytes(32)), to=to)


def _known(loop: Loop, party: Party) -> dict[AnchoredJournal, int]:
    found = fold_anchors(loop.machines[party].statements.find(WarningAnchored))
    return {journal: anchors.last for journal, anchors in found.items()}


def test_an_anchor_reaches_the_readers_of_its_journal_alone(loop: Loop) -> None:
    """KOR has no page, no journal and no missing head from which it could tell that USA tells JPN something apart."""
    before = {book.digest for book in loop.machines["KOR"].ledger.books()}
    assert _anchor(loop, PAIR, 7, to=PAIR).code == ""
    loop.settle(120_000)
    journal = AnchoredJournal("USA", PAIR, 0)
    assert _known(loop, "JPN") == _known(loop, "USA") == {journal: 7}
    assert _known(loop, "KOR") == {}
    kor = loop.machines["KOR"]
    assert kor.ledger.find_missing() == ()
    assert all(set(book.id.audience) != set(PAIR) for book in kor.ledger.books() if book.digest not in before)


def test_an_anchor_said_to_other_readers_counts_for_nothing(loop: Loop) -> None:
    """To all of a journal of two, to two of a journal of all: it anchors neither, for anybody."""
    _anchor(loop, PAIR, 7, to=ALL)
    _anchor(loop, ALL, 8, to=PAIR)
    loop.settle(120_000)
    assert [_known(loop, party) for party in ALL] == [{}, {}, {}]
    _anchor(loop, ALL, 9, to=ALL)
    loop.settle(120_000)
    assert [_known(loop, party) for party in ALL] == [{AnchoredJournal("USA", ALL, 0): 9}] * 3
