"""A party joins a pact in which another had let its next root take over: what it is handed, how it follows (P33)."""

from pathlib import Path

import msgspec
import pytest

from comity.base.errors import UsageError
from comity.base.names import Party
from comity.journal.bundle import read_bundle
from comity.journal.statement import Succession, parse_statement, sign_statement
from comity.node.handover import HandedOver, make_handover, read_handover
from comity.node.home import Home
from comity.node.replacement import replace_key
from comity.node.succession import succeed_root
from kit.amending import FIVE, FOUNDERS, add_port_e
from kit.nodes import CEREMONY, REALM, SUITE, play
from kit.patience import until
from kit.ports import CALL, Ports, accept, amend, make_port_homes, now, pair_anew


@pytest.fixture
def homes(port_homes: dict[Party, Home]) -> dict[Party, Home]:
    """This test's copies of the ports' homes."""
    return port_homes


def _succeed(ports: Ports, party: Party) -> None:
    """Let a party's next root take over, and the others keep its new card."""
    home = ports.homes[party]
    succeed_root(home, (ports.accepted[party],), at=now(), suite=SUITE, ceremony=CEREMONY)
    ports.look_again(party)
    for other in ports.homes.values():
        pair_anew(other, [home])


def _hand_over(ports: Ports, by: Party) -> HandedOver:
    """What a party's stopped node hands to a newcomer."""
    store = ports.open_store(by)
    raw = make_handover(ports.accepted[by], store.read_all(), at=now(), suite=SUITE)
    store.close()
    assert read_bundle(raw, SUITE).pages == ()
    return read_handover(raw, realm=REALM, suite=SUITE)


def test_a_newcomer_follows_a_succession_from_before_it_joined(ports: Ports, homes: dict[Party, Home]) -> None:
    """By what any party hands over; then what the new root certifies is believed, and so is a key replaced later."""

    async def scene(ports: Ports) -> None:
        await ports.be_in_force()
        await ports.settle()
        for _ in range(2):  # twice, so that one leads to the other
            _succeed(ports, "PORT-A")
        await ports.start()
        (said,) = await ports.say("PORT-A", CALL, to=FOUNDERS)
        await ports.reaches(said, *FOUNDERS)
        await ports.settle()
        second = amend(homes["PORT-B"], add_port_e)
        handed = _hand_over(ports, "PORT-C")
        assert [parse_statement(raw).body.party for raw in handed.statements] == ["PORT-A"] * 2
        earlier = ports.accepted["PORT-A"].pact_raw
        for statements in ((), handed.statements[:1], handed.statements[1:]):
            with pytest.raises(UsageError, match=r"pact\.root-differs"):
                accept(homes["PORT-E"], second, earlier=(earlier,), successions=statements)
        accept(homes["PORT-E"], second, earlier=handed.pacts, successions=handed.statements)
        for party in FOUNDERS:
            accept(homes[party], second)
        ports.look_again(*FIVE)
        await ports.start()
        await ports.is_in_force(2, *FIVE)
        root = homes["PORT-A"].get_card(SUITE).root
        assert ports["PORT-E"].machine.ledger.trust.has_root("PORT-A", root)
        await ports.settle()
        replace_key(homes["PORT-A"], ports.accepted["PORT-A"], at=now(), suite=SUITE, ceremony=CEREMONY)
        ports.look_again("PORT-A")
        await ports.start()
        (again,) = await ports.say("PORT-A", CALL, to=FIVE)
        await ports.reaches(again, *FIVE)
        assert ports.find_standing("PORT-E", again) == "good"
        trust = ports["PORT-E"].machine.ledger.trust  # whoever starts in the new circle says there where it is reached
        await until(lambda: all(trust.find_links(party) is not None for party in FOUNDERS))

    play(ports, scene)


def test_a_succession_of_a_stranger_leads_nowhere(ports: Ports, homes: dict[Party, Home], tmp_path: Path) -> None:
    """Signed by another root than the pinned one, or to another next root than the card names."""
    card_before = homes["PORT-A"].get_card(SUITE)
    root, _ = homes["PORT-A"].get_root()
    _succeed(ports, "PORT-A")
    card = homes["PORT-A"].get_card(SUITE)
    second, first = amend(homes["PORT-B"], add_port_e), ports.accepted["PORT-A"].pact_raw
    body = Succession(ports.lineage, "PORT-A", card.ed25519, card.mldsa, card.next_root, now())
    stranger, _ = make_port_homes(tmp_path / "strangers")["PORT-A"].get_root()
    other_next = msgspec.structs.replace(body, next_root=card_before.next_root)
    for raw in (
        sign_statement(body, stranger, suite=SUITE, ceremony=CEREMONY),
        sign_statement(other_next, root, suite=SUITE, ceremony=CEREMONY),
    ):
        with pytest.raises(UsageError, match=r"pact\.root-differs"):
            accept(homes["PORT-E"], second, earlier=(first,), successions=(raw,))
    accept(homes["PORT-E"], second, earlier=(first,), successions=ports.accepted["PORT-A"].successions)


def test_a_founder_s_root_is_compared_with_no_card_again(ports: Ports, homes: dict[Party, Home]) -> None:
    """Who holds the version before knows that root already; a later version keeps it as it was pinned (P33)."""
    _succeed(ports, "PORT-A")
    held = accept(homes["PORT-B"], amend(homes["PORT-B"], add_port_e))
    assert held.later[0].version.pact.roots["PORT-A"] == held.pact.roots["PORT-A"]
