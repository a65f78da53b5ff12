"""From reports to drafts: a picture of several parties' blocks, and what the rules look at in it (W15)."""

from comity.base.instants import Instant
from comity.pact.parse import parse_pact
from comity.warning.domain import read_terms
from comity.warning.picture import make_situation
from comity.warning.rows import Block
from comity.warning.rules import Rules, Seen
from comity.warning.seen import list_seen
from comity.warning.situation import Situation
from kit.loop import read_profile
from kit.tracks import make_estimates, make_rows

PACT = parse_pact(read_profile("camp-david"))
BALLISTIC = "policy.track.ballistic"
AT = 1_795_000_000_000
ROW = {"at": AT, "latitude": 391_000_000, "longitude": 1_300_000_000, "altitude": 500_000, "kind": 1, "confidence": 60}
FAST = {**ROW, "velocity_east": 200_000, "sigma_velocity": 5_000}
LAUNCH = {"at": AT - 60_000, "latitude": 390_200_000, "longitude": 1_257_500_000, "semi_major": 40_000}


def _make(*blocks: tuple[str, Block], at: int = AT) -> Situation:
    return make_situation(read_terms(PACT), blocks, Instant(at))


def _block(row: dict[str, int], *estimates: dict[str, int]) -> Block:
    return Block(BALLISTIC, (), make_rows(row), make_estimates(*estimates))


def _see(*blocks: tuple[str, Block], at: int = AT) -> list[Seen]:
    return list(list_seen(_make(*blocks, at=at), PACT))


VAGUE = {**LAUNCH, "semi_minor": 40_000}
SURE = {**LAUNCH, "latitude": 390_300_000, "semi_minor": 9_000}


def test_reports_of_one_launch_are_one_object_and_one_draft() -> None:
    """Two parties' tracks, the surest of their estimates, and one report of one launch."""
    blocks = (("JPN", _block({**FAST, "track": 42}, VAGUE)), ("KOR", _block({**FAST, "track": 7}, SURE)))
    (seen,) = _see(*blocks)
    assert (seen.names, seen.authors, seen.kind) == (("JPN-0042", "KOR-0007"), ("JPN", "KOR"), "mrbm")
    assert seen.launch is not None
    assert (seen.launch.latitude, seen.impact) == (390_300_000, None)
    (drafted,) = Rules(PACT, "JPN").draft([seen])
    assert (drafted.rule, drafted.occurred_at) == ("policy.rule.launch", AT - 60_000)
    assert _see(*reversed(blocks)) == [seen], "however they came"


def test_reports_that_contradict_each_other_are_looked_at_one_by_one() -> None:
    """Of one object, two kinds that both are sure of: neither hides behind the other."""
    sure = {**FAST, "confidence": 95}
    found = _see(
        ("JPN", _block({**sure, "track": 42}, VAGUE)), ("KOR", _block({**sure, "track": 7, "kind": 6}, SURE)),
    )  # fmt: skip
    assert sorted((one.names, one.kind) for one in found) == [(("JPN-0042",), "mrbm"), (("KOR-0007",), "cruise")]
    assert all(one.launch is not None for one in found)


def test_nothing_is_drafted_of_what_nobody_hears_of() -> None:
    """Stale after fifteen seconds; what comes of it stands in the picture, and leads to no report."""
    block = ("JPN", _block({**FAST, "track": 42}, SURE))
    assert len(_see(block, at=AT + 14_000)) == 1
    later = _make(block, at=AT + 60_000)
    assert (len(later.objects), list(list_seen(later, PACT))) == (1, [])


def test_what_is_of_no_class_of_the_pact_is_left_out() -> None:
    """A picture under an earlier version may hold what the one in force does not know."""
    harbour = parse_pact(read_profile("harbour-aid"))
    assert list(list_seen(_make(("JPN", _block({**FAST, "track": 42}))), harbour)) == []
