"""Under both shipped pacts the verifier and the audit read alike records that hold an entry of every type there is."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from comity.audit import Record
from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Party
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.header import Feed
from comity.machine.input import Ticked
from comity.procedure import genesis
from comity.procedure.entry import Entry
from comity.procedure.registry import ENTRY_TYPES, decode_entry, encode_entry
from kit.drawing import draw_struct
from kit.loop import Loop
from kit.second_opinion import find_audit_opinion, find_differences
from kit.verifier_opinion import find_verifier_opinion, find_verifier_pins, judge

SAID = tuple(type_ for type_ in ENTRY_TYPES if type_ not in genesis.ENTRIES)
"""What is said in a journal of record; the others open every genesis."""


def draw(type_: type[Entry]) -> Entry:
    """Some entry of a type, among the plainest; always the same one."""
    found: list[Entry] = []

    @settings(max_examples=1, phases=[Phase.generate], database=None, derandomize=True)
    @given(draw_struct(type_))
    def keep(entry: Entry) -> None:
        found.append(entry)

    keep()
    return found[0]


def play(profile: str) -> Loop:
    """Everybody says something of every type, past his own funnel, to all and to one other."""
    loop = Loop(profile, suite=ProductionSuite(), ceremony=ProductionCeremony())
    loop.be_born()
    parties = loop.pact.audience
    for index, type_ in enumerate(SAID):
        author = parties[index % len(parties)]
        pair: tuple[Party, ...] = tuple(sorted({author, parties[(index + 1) % len(parties)]}))
        loop.now = Instant(loop.now + MINUTE_MS)
        loop.machines[author].pen.queue(Feed.RECORD, (parties, pair)[index % 2], [encode_entry(draw(type_))], 0)
        loop.give(author, Ticked(loop.now, loop.ceremony.random(32)))
        loop.run()
    loop.settle()
    return loop


@pytest.mark.parametrize("profile", ["camp-david", "harbour-aid"])
def test_verifier_and_audit_read_every_type_alike(profile: str) -> None:
    """Each party's record by its own keys: verdicts, standings, and every entry that they open."""
    loop = play(profile)
    world: Any = SimpleNamespace(suite=loop.suite)
    types: set[str] = set()
    for party, pages in loop.stored.items():
        secrets = loop.machines[party].setup.receiving_secrets
        record = Record(party, loop.pins.lineage, loop.pins.realm, tuple(pages), receiving_secrets=secrets)
        theirs = find_audit_opinion(record, loop.pins, world)
        theirs.confirmed = {}
        ours = find_verifier_opinion(judge(pages, find_verifier_pins(loop.pins, secrets=secrets)))
        assert find_differences(ours, theirs) == []
        assert set(theirs.standing.values()) == {"good"}
        types |= {type(decode_entry(raw)).__name__ for entries in ours.opened.values() for raw in entries}
    assert types >= {type_.__name__ for type_ in SAID}
