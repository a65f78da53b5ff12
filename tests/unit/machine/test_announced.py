"""What a liar announces, or tests out of place: no node stops, pulls for nothing or tells of what was not for all."""

import itertools

import pytest

from comity.base.encoding import encode
from comity.base.names import Audience
from comity.journal.header import Feed
from comity.machine import audiences
from comity.machine.input import Ticked
from comity.procedure.entry import Entry
from comity.procedure.genesis import AudienceOpened
from comity.procedure.line import LineTestAnsweredByMachine, LineTestSent, find_slot
from comity.procedure.registry import encode_entry
from kit.loop import Loop

PAIR = ("JPN", "USA")
HARBOUR = ("PORT-A", "PORT-B", "PORT-C", "PORT-D")
CIRCLE_OF_THREE = ("PORT-A", "PORT-B", "PORT-C")


def _begin(profile: str = "camp-david") -> Loop:
    loop = Loop(profile)
    loop.be_born()
    return loop


def _announce(loop: Loop, to: Audience, author: str, *readers: Audience, feed: str = "record") -> None:
    """State announcements as they are, past every check of the author's own."""
    _state(loop, to, author, *(AudienceOpened(feed, one) for one in readers))


def _state(loop: Loop, to: Audience, author: str, *entries: Entry) -> None:
    loop.machines[author].pen.queue(Feed.RECORD, to, [encode_entry(entry) for entry in entries], 0)
    loop.give(author, Ticked(loop.now, bytes(16)))
    loop.run()


@pytest.mark.parametrize("readers", [("KOR", "USA"), ("JPN", "USA", "XXX")])
def test_an_announcement_of_what_can_be_no_stream_is_not_followed(readers: Audience) -> None:
    """It stays on the record; nothing is pulled, now or after a restart."""
    loop = _begin()
    before = loop.machines["USA"].find_followed()
    _announce(loop, PAIR, "JPN", readers)
    machine = loop.machines["USA"]
    assert [stated.entry for stated in machine.statements.find(AudienceOpened)] == [AudienceOpened("record", readers)]
    assert machine.find_followed() == before


@pytest.mark.parametrize(
    "readers",
    [["USA", "JPN"], ["JPN", "JPN", "USA"], ["USA", "USA"], ["JPN", "USA", "Z" * 13], ["JPN", "USA", "x y"]],
)
def test_an_announcement_to_what_is_no_audience_says_nothing(readers: list[str]) -> None:
    """A liar's pen writes what ours would not: a fault is kept, and no stream is looked for."""
    loop = _begin()
    before = loop.machines["USA"].find_followed()
    loop.machines["JPN"].pen.queue(Feed.RECORD, PAIR, [encode(["AudienceOpened", "record", readers])], 0)
    loop.give("JPN", Ticked(loop.now, bytes(16)))
    loop.run()
    machine = loop.machines["USA"]
    assert [fault.code for fault in machine.statements.faults] == ["entry.malformed"]
    assert not machine.statements.find(AudienceOpened)
    assert machine.find_followed() == before


def test_an_announcement_within_the_circle_is_followed() -> None:
    """Three of four ports."""
    loop = _begin("harbour-aid")
    before = loop.machines["PORT-B"].find_followed()
    _announce(loop, ("PORT-A", "PORT-B"), "PORT-A", CIRCLE_OF_THREE)
    assert set(loop.machines["PORT-B"].find_followed()) - set(before) == {("PORT-A", Feed.RECORD, CIRCLE_OF_THREE)}
    assert ("PORT-A", Feed.RECORD, CIRCLE_OF_THREE) not in loop.machines["PORT-C"].find_followed()


def test_no_more_of_one_party_are_pulled_than_its_server_lets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest comes by way of heads, as every page does; another party's are not fewer for it."""
    loop = _begin("harbour-aid")
    monkeypatch.setattr(audiences, "FOLLOWED_COUNT_MAX", 2)
    subsets = [
        tuple(sorted(("PORT-A", "PORT-B", *more)))
        for size in (0, 1, 2)
        for more in itertools.combinations(("PORT-C", "PORT-D"), size)
    ]
    before = set(loop.machines["PORT-B"].find_followed())
    _announce(loop, ("PORT-A", "PORT-B"), "PORT-A", *subsets, feed="bulk")
    _announce(loop, ("PORT-B", "PORT-C"), "PORT-C", ("PORT-B", "PORT-C"), feed="bulk")
    more = [stream[:2] for stream in loop.machines["PORT-B"].find_followed() if stream not in before]
    assert sorted(more) == [("PORT-A", Feed.BULK)] * 2 + [("PORT-C", Feed.BULK)]


def test_a_line_test_in_another_audience_is_answered_to_nobody() -> None:
    """Else the ends of the line would be told of a word that was not for them."""
    loop = _begin()
    line = loop.pact.hotlines[0]
    slot_at = find_slot(loop.machines["KOR"].policy, loop.now)
    test = LineTestSent(line.id, slot_at)
    ends = tuple(sorted(line.parties))
    _state(loop, ("KOR", "USA"), "KOR", test)
    machine = loop.machines["USA"]
    aside = {stated.id for stated in machine.statements.find(LineTestSent) if stated.audience != ends}
    assert len(aside) == 1
    cited = {
        stated.entry.test
        for stated in machine.statements.find(LineTestAnsweredByMachine)
        if isinstance(stated.entry, LineTestAnsweredByMachine) and stated.author == "USA"
    }
    assert cited
    assert not cited & aside
