"""An agreement that ends between preview and send: what was previewed is no promise, and the send is refused."""

import pytest

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.pact.agreement import AgreementState
from comity.procedure.agreement import AgreementReason, AgreementStateStated
from comity.procedure.entry import Marking
from comity.procedure.item import Portion
from comity.procedure.sharing import ConsentGiven, Giving
from comity.procedure.verdict import Permit
from kit.nodes import PARTIES, Nodes, play
from kit.patience import until

SECRET = Marking("JPN", "JPN", "JPN-GOKUHI", ("dprk-missile",), ())
PORTION = Portion(SECRET, "text/plain", "en", b"Estimated apogee over 6,000 km.")
PAIR = ("JPN", "KOR")


def suspend(agreement: str, at: Instant) -> AgreementStateStated:
    """A party's word that nothing more may be given under an agreement."""
    return AgreementStateStated(agreement, AgreementState.SUSPENDED, at, AgreementReason.BREACH_ALLEGED, ())


def test_suspended_between_preview_and_send(nodes: Nodes) -> None:
    """Japan's preview permits; Seoul suspends; Japan's send is refused by the agreement's clause, and nothing is kept.

    The statement need not have been seen by whoever previewed: the send asks again, by what the node holds then.
    """

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        items = nodes.items("JPN")
        previewed = items.preview([PORTION], audience=PAIR, at=nodes["JPN"].now())
        ((_, permit),) = previewed.by_party
        assert isinstance(permit, Permit)
        assert permit.clause == "jpn-kor-gsomia"
        (said,) = await nodes.say("KOR", suspend("jpn-kor-gsomia", nodes["KOR"].now()))
        await nodes.reaches(said, *PARTIES)
        with pytest.raises(UsageError) as refused:
            await items.share([PORTION], audience=PAIR, at=nodes["JPN"].now())
        assert refused.value.code == "release.withheld"
        # Of the ways that are closed the nearest is named: the agreement by hub still runs, and the answer says so.
        assert refused.value.details == {"to": "KOR", "clause": "tisa-2014", "reason": "only-by-hub", "hub": "USA"}
        only_gsomia = Portion(
            Marking("JPN", "JPN", "JPN-GOKUHI", ("cyber",), ()), "text/plain", "en", b"Indicators of compromise."
        )
        with pytest.raises(UsageError) as refused:
            await items.share([only_gsomia], audience=PAIR, at=nodes["JPN"].now())
        assert refused.value.details == {"to": "KOR", "clause": "jpn-kor-gsomia", "reason": "not-in-force"}
        assert nodes["JPN"].shelf.find_givings() == ()
        (blobs,) = nodes["JPN"].store._db.execute("SELECT COUNT(*) FROM blobs").fetchone()
        assert blobs == 0

    play(nodes, scene)


def test_a_leg_suspended_between_consent_and_passing_on(nodes: Nodes) -> None:
    """Japan has consented; then the hub's agreement with Seoul is suspended: the consent opens no way."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        at = nodes["JPN"].now()
        item = await nodes.items("JPN").share([PORTION], audience=("JPN", "USA"), at=at)
        hub = nodes["USA"]
        await until(
            lambda: any(
                isinstance(row.entry, Giving) and hub.shelf.find_own(row.entry.blob) is not None
                for row in hub.shelf.find_givings()
            )
        )
        await nodes.items("JPN").consent(item, holder="USA", recipient="KOR", at=at, expires_at=Instant(at + 600_000))
        await until(lambda: bool(hub.machine.statements.find(ConsentGiven)))
        (said,) = await nodes.say("KOR", suspend("usa-kor-1987", nodes["KOR"].now()))
        await nodes.reaches(said, "USA")
        with pytest.raises(UsageError) as refused:
            await nodes.items("USA").pass_on(item, to="KOR", at=hub.now())
        assert refused.value.code == "release.withheld"
        assert refused.value.details == {"to": "KOR", "clause": "usa-kor-1987", "reason": "not-in-force"}
        assert all(row.author == "JPN" for row in hub.shelf.find_givings())

    play(nodes, scene)
