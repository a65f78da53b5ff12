"""What each consumer sees of the picture as Cursor on Target: what the funnel permits now, and no hint more."""

import pytest

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.crypto.production import ProductionSuite
from comity.exchange.consumer import Consumer, Format
from comity.exchange.cot import Event, parse_event
from comity.exchange.cot_marking import Standard
from comity.exchange.cot_own import read_told
from comity.exchange.cot_reports import CotSource, read_report
from comity.exchange.cot_views import CotViews, Home, Sent
from comity.pact.parse import parse_pact
from comity.procedure.ground import Ground
from comity.warning.classes import make_marking
from comity.warning.release import decide_releases
from comity.warning.rows import Block
from kit.loop import read_profile
from kit.release_table import Stage, Table
from kit.releasing import NOW
from kit.tracks import make_rows

TABLE = Table(parse_pact(read_profile("camp-david")))
STAGES = TABLE.stages()
AT = 1_795_000_000_000
BALLISTIC, AIR, CYBER = "policy.track.ballistic", "policy.track.air", "policy.track.cyber"


def make_home(stage: Stage) -> Home:
    """Return a node in Tokyo, at one state of all agreements."""
    ground = Ground(TABLE.terms, stage.standings, (), NOW)
    releases = decide_releases(TABLE.pact, digest=Digest(bytes(32)), author="JPN", ground=ground)
    return Home(TABLE.pact, "ab" * 32, "exercise/autumn", "JPN", releases)


ALL = max(STAGES, key=lambda stage: len(stage.operative))
NONE = min(STAGES, key=lambda stage: len(stage.operative))
SEOUL = Consumer("seoul", "KOR", (Format.CAP,), "", 1)
OWN = Consumer("tokyo", "JPN", (Format.CAP,), "", 1, "JPN-HI", ("dprk-missile", "defence", "maritime"))
LOW = Consumer("harbour", "JPN", (Format.CAP,), "", 1, "JPN-CHUI", ("dprk-missile", "maritime"))


class Node:
    """Views of a node whose agreements can change."""

    def __init__(self) -> None:
        self.home = make_home(ALL)
        self.views = CotViews(lambda: self.home)

    def say(self, author: str, class_: str, **row: int) -> None:
        """Have the node say or read one report."""
        self.views.take(author, Block.of_rows(class_, make_rows({"at": AT, **row})), Instant(AT))

    def ask(self, consumer: Consumer, *, after_ms: int = 0, sent: Sent | None = None) -> list[Event]:
        """Return what a connection is told now."""
        news = self.views.find_news(consumer, {} if sent is None else sent, Instant(AT + after_ms))
        return [parse_event(raw) for raw in news]


@pytest.fixture
def node() -> Node:
    """One that has two reports of one missile, by two parties, and one of an aircraft."""
    node = Node()
    node.say("JPN", BALLISTIC, track=7)
    node.say("USA", BALLISTIC, track=9)
    node.say("JPN", AIR, track=8, latitude=351_234_567)
    return node


def test_an_estimate_rests_on_what_its_reader_may_have_alone(node: Node) -> None:
    """The own system sees two reports fused; the other party's that of Japan as it is, and of a third not a word."""
    (fused,) = (event for event in node.ask(OWN) if event.type.startswith("a-u-A-W"))
    assert fused.releasable_to == "JPN, USA"
    (event,) = node.ask(SEOUL)
    assert (event.how, event.releasable_to, event.access) == ("m-p", "JPN, KOR", "KOR-III")
    told = read_told(event)
    assert (told.author, told.row["latitude"], len(told.markings)) == ("JPN", 391_000_000, 1)
    assert "USA" not in event.remarks + event.releasable_to + event.uid


def test_terms_of_a_clause_hold_for_systems_too(node: Node) -> None:
    """Aircraft come half a minute late, on a grid, and say under which clause."""
    assert [event.type for event in node.ask(SEOUL, after_ms=29_999)] == ["a-u-A-W-M"]
    late = {event.type: event for event in node.ask(SEOUL, after_ms=30_000)}
    told = read_told(late["a-u-A"])
    assert told.block.coarsening is not None
    assert told.block.coarsening.clause == "policy.track.air-jpn-kor"
    assert told.row["latitude"] != 351_234_567


def test_ceilings_lie_above(node: Node) -> None:
    """A system of the own party below the level of missiles gets none, not even that there is something."""
    assert node.ask(LOW) == []
    assert {event.type for event in node.ask(OWN)} == {"a-u-A-W-M", "a-u-A"}


def test_nothing_is_given_once_no_agreement_permits_it(node: Node) -> None:
    """The picture is folded anew on what holds now; and again once it holds again."""
    sent: Sent = {}
    assert len(node.ask(SEOUL, sent=sent)) == 1
    node.home = make_home(NONE)
    node.say("JPN", BALLISTIC, track=7, at=AT + 1_000, number=2)
    (gone,) = node.ask(SEOUL, after_ms=1_000, sent=sent)
    assert (gone.type, gone.uid) == ("t-x-d-d", "comity/exercise/autumn/policy.track.ballistic/JPN-0007/removed")
    assert node.ask(SEOUL, after_ms=1_200, sent=sent) == []
    assert len(node.ask(OWN, after_ms=1_000)) == 2, "the own party's systems need none"
    node.home = make_home(ALL)
    (event,) = node.ask(SEOUL, after_ms=1_500, sent=sent)
    assert event.start == AT + 1_000


def test_a_connection_is_told_what_is_new(node: Node) -> None:
    """Nothing twice; a new one everything; a next update, that track alone."""
    sent: Sent = {}
    assert len(node.ask(OWN, sent=sent)) == 2
    assert node.ask(OWN, after_ms=500, sent=sent) == []
    node.say("JPN", AIR, track=8, latitude=351_234_900, at=AT + 1_000, number=2)
    assert [event.type for event in node.ask(OWN, after_ms=1_000, sent=sent)] == ["a-u-A"]
    assert len(node.ask(OWN, after_ms=1_000)) == 2


def test_what_goes_out_never_comes_in_as_a_report(node: Node) -> None:
    """Whoever feeds it back is refused, however it is marked."""
    row = TABLE.pact.track_classes[0]
    source = CotSource(row, Standard(make_marking(TABLE.pact, row, "JPN"), frozenset()))
    for event in node.ask(OWN):
        with pytest.raises(RemoteError) as caught:
            read_report(event, source, pact=TABLE.pact, realm="exercise/autumn", suite=ProductionSuite())
        assert caught.value.code == "cot.echo"
