"""Onward release by acts: asked, consented to or refused with its clause, granted or declined by the hub, passed on."""

import pytest

from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, Instant
from comity.base.names import Digest, Party
from comity.node.destruction import Deciders
from comity.node.onward import OnwardRelease, list_onward
from comity.procedure.entry import Marking
from comity.procedure.item import Portion
from comity.procedure.onward import PassOnGranted
from comity.procedure.sharing import ConsentGiven, ConsentRefused, PassedOn, PassOnRequested, RefusalReason
from kit.nodes import Nodes, play
from kit.patience import until

OFFICER = Deciders("release-officer", ("duty-1",))
HUB = Marking("JPN", "JPN", "JPN-GOKUHI", ("dprk-missile",), ("ONLY UNDER tisa-2014",))
SOURCE = RefusalReason.SOURCE


def at(nodes: Nodes, party: Party) -> OnwardRelease:
    """A party's requests."""
    return OnwardRelease(nodes[party], nodes.items(party))


def rows(nodes: Nodes, party: Party, *, later_ms: int = 0) -> list[tuple[Party, Party, str, str]]:
    """Each request as a party sees it."""
    found = list_onward(nodes[party].machine, as_of=Instant(nodes[party].now() + later_ms))
    return [(row.holder, row.recipient, row.state.value, row.clause) for row in found]


async def ask(nodes: Nodes) -> Digest:
    """Japan's item is with the United States, which asks to pass it on to the Republic of Korea."""
    await nodes.be_in_force()
    now = nodes["JPN"].now()
    item = await nodes.items("JPN").share(
        [Portion(HUB, "text/plain", "en", b"apogee")], audience=("JPN", "USA"), at=now
    )
    await until(lambda: bool(nodes["USA"].shelf.find_givings()))
    await until(lambda: not nodes["USA"].shelf.find_wanted())
    (asked,) = await nodes.say("USA", PassOnRequested(item, "KOR", Instant(now + HOUR_MS)), to=("JPN",))
    await nodes.reaches(asked, "JPN")
    return item


def test_a_hub_passes_on_only_what_its_own_officer_granted(nodes: Nodes) -> None:
    """Consent is the originator's; whether it goes is decided at the hub as well, on the record."""

    async def scene(nodes: Nodes) -> None:
        item = await ask(nodes)
        asked = ("USA", "KOR")
        assert rows(nodes, "JPN") == [(*asked, "requested", "")]
        assert rows(nodes, "JPN", later_ms=2 * HOUR_MS) == [(*asked, "lapsed", "")]
        hub = at(nodes, "USA")
        with pytest.raises(UsageError, match=r"release\.needs-consent"):
            await hub.grant(item, recipient="KOR", by=OFFICER)
        later = Instant(nodes["JPN"].now() + HOUR_MS)
        await at(nodes, "JPN").consent(item, holder="USA", recipient="KOR", expires_at=later)
        await until(lambda: rows(nodes, "USA") == [(*asked, "consented", "")])
        with pytest.raises(UsageError, match=r"item\.not-granted"):
            await hub.pass_on(item, to="KOR")
        assert nodes["USA"].machine.statements.find(PassedOn) == ()
        await hub.grant(item, recipient="KOR", by=OFFICER)
        await until(lambda: rows(nodes, "JPN") == [(*asked, "granted", "")])
        await hub.decline(item, recipient="KOR", clause="", reason=SOURCE, by=OFFICER)
        with pytest.raises(UsageError, match=r"item\.not-granted"):
            await hub.pass_on(item, to="KOR")
        await until(lambda: rows(nodes, "JPN") == [(*asked, "not-granted", "tisa-2014")])
        await hub.grant(item, recipient="KOR", by=OFFICER)
        await hub.pass_on(item, to="KOR")
        await until(lambda: rows(nodes, "JPN") == [(*asked, "passed-on", "")])
        await until(lambda: bool(nodes["KOR"].machine.statements.find(PassedOn)))
        # Law 2: Korea reads neither the request nor the grant.
        assert nodes["KOR"].machine.statements.find(PassOnGranted, PassOnRequested, ConsentGiven) == ()
        assert rows(nodes, "KOR") == []

    play(nodes, scene)


def test_a_refusal_says_under_which_clause(nodes: Nodes) -> None:
    """That of the release decision, or one that the officer names and the pact has; who asks again asks anew."""

    async def scene(nodes: Nodes) -> None:
        item = await ask(nodes)
        way = {"holder": "USA", "recipient": "KOR"}
        origin = at(nodes, "JPN")
        with pytest.raises(UsageError, match=r"release\.no-such-clause"):
            await origin.refuse(item, **way, clause="no-such", reason=SOURCE)
        await origin.refuse(item, **way, clause="", reason=SOURCE)
        await until(lambda: rows(nodes, "USA") == [("USA", "KOR", "refused", "tisa-2014")])
        assert len(nodes["USA"].machine.statements.find(ConsentRefused)) == 1
        until_at = Instant(nodes["USA"].now() + HOUR_MS)
        (again,) = await nodes.say("USA", PassOnRequested(item, "KOR", until_at), to=("JPN",))
        await nodes.reaches(again, "JPN")
        assert rows(nodes, "JPN") == [("USA", "KOR", "requested", "")]
        await origin.refuse(item, **way, clause="policy.consent", reason=SOURCE)
        await until(lambda: rows(nodes, "USA") == [("USA", "KOR", "refused", "policy.consent")])

    play(nodes, scene)


def test_who_may_not_answer_is_told_so(nodes: Nodes) -> None:
    """Another's item, a way that nobody asked for, an item that is not here."""

    async def scene(nodes: Nodes) -> None:
        item = await ask(nodes)
        later, nothing = Instant(nodes["JPN"].now() + HOUR_MS), Digest(bytes(32))
        with pytest.raises(UsageError, match=r"item\.not-originator"):
            await at(nodes, "USA").consent(item, holder="USA", recipient="KOR", expires_at=later)
        with pytest.raises(UsageError, match=r"item\.not-originator"):
            await at(nodes, "USA").refuse(item, holder="USA", recipient="KOR", clause="", reason=SOURCE)
        with pytest.raises(UsageError, match=r"item\.no-request"):
            await at(nodes, "JPN").refuse(item, holder="KOR", recipient="USA", clause="", reason=SOURCE)
        with pytest.raises(UsageError, match=r"item\.no-request"):
            await at(nodes, "USA").decline(item, recipient="JPN", clause="", reason=SOURCE, by=OFFICER)
        for party in ("JPN", "KOR"):
            with pytest.raises(UsageError, match=r"item\.not-here"):
                await at(nodes, party).consent(nothing, holder="USA", recipient="KOR", expires_at=later)
        with pytest.raises(UsageError, match=r"item\.not-here"):
            await at(nodes, "KOR").grant(item, recipient="USA", by=OFFICER)

    play(nodes, scene)
