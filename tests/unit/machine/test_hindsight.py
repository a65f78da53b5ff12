"""What a machine makes of pages that change what earlier ones meant: rivals, new keys (law 3)."""

import msgspec
import pytest

from comity.base.limits import BRANCH_COUNT_MAX
from comity.base.names import Party
from comity.crypto.label import label
from comity.journal.header import Page, encode_page, parse_page
from comity.machine.funnel import Funnel
from comity.machine.input import Arrived
from comity.machine.machine import Machine
from comity.machine.statements import Statements
from comity.pact.parse import parse_pact
from comity.procedure.adoption import TextState
from comity.procedure.call import ConsultationCalled
from comity.procedure.consent import Consent, sign_consent
from comity.procedure.fields import Level
from comity.procedure.scope import Scope
from comity.procedure.silence import Consent as Outcome
from comity.procedure.stated import Standing
from comity.procedure.text import TextAgreed, TextKind, TextOpened, TextVersionProposed, find_version_digest
from comity.procedure.threat import ThreatKind
from kit.forgery import incarnate
from kit.loop import Loop, marked, read_profile
from kit.world import World


@pytest.fixture
def loop() -> Loop:
    """Three machines with a pact in force."""
    loop = Loop()
    loop.be_born()
    return loop


def _rewrite(loop: Loop, party: Party, page: Page, salt: int) -> bytes:
    """The same page with another salt under the true key: a rival, and sealed so that nobody can open it."""
    header = msgspec.msgpack.encode(msgspec.structs.replace(page.header, salt=salt.to_bytes(32, "big")))
    secret = loop.machines[party].setup.secrets.node
    signature = loop.suite.sign(secret=secret, message=label("page") + header)
    return encode_page(header_raw=header, signature=signature, body=page.body)


def _last_page(loop: Loop, party: Party) -> Page:
    pages = [parse_page(raw, loop.suite) for raw in loop.stored[party]]
    return [page for page in pages if page.header.journal.author == party and page.header.kind.has_entries][-1]


def test_a_flood_of_rivals_is_one_alarm_and_not_a_thousand(loop: Loop) -> None:
    """Each rival is an alarm until nobody could think of a mistake; then one that says so, and no more."""
    loop.say("USA", ConsultationCalled(loop.pact.commitments[0].id, Level.WATCH, ThreatKind.OTHER, (), ("USA",)))
    page = _last_page(loop, "USA")
    for number in range(BRANCH_COUNT_MAX + 10):
        loop.give("JPN", Arrived(loop.now, loop.ceremony.random(32), _rewrite(loop, "USA", page, number)))
    loop.run()
    codes = [alarm.code for party, alarm in loop.alarms if party == "JPN"]
    assert codes == ["alarm.fork"] * (BRANCH_COUNT_MAX - 1) + ["alarm.flood"]


def _adopt(loop: Loop) -> Scope:
    """A text to which each party's officer agrees."""
    body = marked("played", originator="JPN", level="JPN-OPEN", topics=("dprk-missile",))
    opened = loop.say("JPN", TextOpened((), TextKind.PRESS_LINE, ("en",))).ids[0]
    version = TextVersionProposed(opened, (), body)
    loop.say("JPN", version)
    for party in ("KOR", "USA", "JPN"):
        loop.say(party, TextAgreed(opened, find_version_digest(version), "watch-officer", "o1"))
    return Scope("text", opened, loop.pact.audience)


def test_live_and_restarted_agree_after_a_rival_came_to_light(loop: Loop) -> None:
    """USA's agreement turns out to have a rival that KOR's heads name: the cell is empty, with and without restart."""
    scope = _adopt(loop)
    agreed = next(row for row in loop.machines["USA"].statements.find(TextAgreed) if row.author == "USA")
    pages = [parse_page(raw, loop.suite) for raw in loop.stored["USA"]]
    page = next(page for page in pages if (page.journal, page.header.number) == (agreed.journal, agreed.page))
    rival = _rewrite(loop, "USA", page, 1)
    loop.give("KOR", Arrived(loop.now, loop.ceremony.random(32), rival))
    loop.run()
    loop.settle()
    live = loop.machines["JPN"]
    loop.give("JPN", Arrived(loop.now, loop.ceremony.random(32), rival))
    loop.run()
    loop.settle()
    standings = {row.author: row.standing for row in live.statements.find(TextAgreed)}
    assert standings["USA"] is Standing.DISPUTED
    fresh = Machine(live.setup)
    fresh.restore(loop.stored["JPN"])
    assert fresh.record.get_state(scope) == live.record.get_state(scope)
    state = live.record.get_state(scope)
    assert isinstance(state, TextState)
    cells = {cell.party: cell.outcome for cell in state.rounds[-1].cells}
    assert cells == {"JPN": Outcome.AGREED, "KOR": Outcome.AGREED, "USA": None}
    assert state.adoptions[0].is_contested


def test_a_longer_cut_is_folded_anew(loop: Loop) -> None:
    """What an author knew can come to light without any new statement; a kept fold must not outlive that."""
    machine = loop.machines["JPN"]
    scope = _adopt(loop)
    before = machine.record.get_state(scope)
    assert machine.record.get_state(scope) is before
    machine.ledger.hindsight += 1
    after = machine.record.get_state(scope)
    assert after is not before
    assert after == before


def test_the_own_door_asks_for_consent_by_the_newest_key() -> None:
    """A consent by a key that was replaced opens nothing new, but is no flag against who used it (R26)."""
    world = World()
    world.meet()
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    trust = usa.ledger.trust
    funnel = Funnel(
        parse_pact(read_profile("camp-david")),
        "USA",
        statements=Statements(usa.ledger, usa.keyring),
        trust=trust,
        suite=world.suite,
    )
    consent = Consent(world.lineage, world.realm, "JPN", bytes(32), "USA", "KOR", 1, 2)
    old = sign_consent(world.suite, consent, secret=jpn.secrets.node)
    assert funnel.check_consent(old) == funnel.check_old_consent(old) == consent
    incarnate(jpn)
    usa.ledger.learn((jpn.certificate,))
    assert funnel.check_consent(old) is None
    assert funnel.check_old_consent(old) == consent
    new = sign_consent(world.suite, consent, secret=jpn.secrets.node)
    assert funnel.check_consent(new) == consent
    strange = sign_consent(world.suite, consent, secret=bytes(32))
    assert funnel.check_consent(strange) is funnel.check_old_consent(strange) is None
