"""From a picture to drafts with their evidence (docs/spec/warning.md, W16 to W19)."""

from collections.abc import Collection

import msgspec

from comity.base.instants import Instant
from comity.base.names import Party
from comity.crypto.production import ProductionSuite
from comity.pact.area import TrackEvent
from comity.pact.parse import parse_pact
from comity.procedure.detected import ThreatDrafted
from comity.procedure.registry import decode_entry, encode_entry
from comity.procedure.threat import SourceKind
from comity.warning.domain import read_terms
from comity.warning.evidence import find_drafts, has_moved
from comity.warning.picture import make_situation
from comity.warning.rows import Block
from comity.warning.rules import Rules
from kit.loop import read_profile
from kit.tracks import make_estimates, make_rows

PACT = parse_pact(read_profile("camp-david"))
BALLISTIC = "policy.track.ballistic"
AT = 1_795_000_000_000
FAST = {"at": AT, "latitude": 391_000_000, "longitude": 1_300_000_000, "velocity_east": 200_000, "kind": 1}
TOKYO = {"at": AT + 300_000, "what": 1, "latitude": 356_900_000, "longitude": 1_396_900_000, "semi_major": 100_000}
OCEAN = {**TOKYO, "longitude": 1_600_000_000}


def _block(track: int, *estimates: dict[str, int]) -> Block:
    return Block(BALLISTIC, (), make_rows({**FAST, "track": track, "confidence": 60}), make_estimates(*estimates))


def _readers(class_: str, authors: tuple[Party, ...]) -> tuple[Party, ...]:
    assert class_ == BALLISTIC
    return ("JPN", "USA") if authors == ("JPN",) else tuple(sorted({"JPN", *authors}))


def _find(*blocks: tuple[str, Block], known: Collection[tuple[str, str]] = (), at: int = AT) -> list[ThreatDrafted]:
    situation = make_situation(read_terms(PACT), blocks, Instant(at))
    rules, suite = Rules(PACT, "JPN"), ProductionSuite()
    return list(find_drafts(situation, PACT, "JPN", rules=rules, known=known, readers=_readers, suite=suite))


def test_own_tracks_speak_by_themselves_and_what_rests_on_others_goes_to_whoever_may_read_it() -> None:
    """The own report names no other's track, the object's names both; their bases are of these rows alone."""
    own, both = _find(("JPN", _block(42, TOKYO)), ("KOR", _block(7, TOKYO)))
    assert (own.evidence.tracks, own.readers) == (("JPN-0042",), ("JPN", "USA"))
    assert [source.kind for source in own.sources] == [SourceKind.OWN_SENSOR]
    assert (both.evidence.tracks, both.readers) == (("JPN-0042", "KOR-0007"), ("JPN", "KOR"))
    assert (own.evidence.event, own.evidence.percent, own.threatened) == (TrackEvent.IMPACT_IN, 100, ("JPN",))
    assert own.evidence.impact[0].longitude == TOKYO["longitude"]
    (alone,) = _find(("JPN", _block(42, TOKYO)))
    assert alone == own, "what another told changes nothing of it"
    (other,) = _find(("KOR", _block(7, TOKYO)))
    assert len({one.evidence.basis for one in (own, both, other)}) == 3
    assert decode_entry(encode_entry(own)) == own


def test_what_is_known_is_told_of_when_it_moves_out_of_the_area() -> None:
    """Nothing is asked of it any more, and whoever was told hears so."""
    assert _find(("JPN", _block(42, OCEAN))) == []
    (own,) = _find(("JPN", _block(42, OCEAN)), known={("policy.rule.impact-japan", "JPN-0042")})
    assert (own.evidence.rule, own.evidence.percent) == ("policy.rule.impact-japan", 0)
    assert _find(("JPN", _block(42, TOKYO)), at=AT + 3_600_000) == [], "of what nobody has heard of lately nothing"


def test_a_report_is_said_anew_where_it_has_moved_and_not_before() -> None:
    """By twenty points, across the rule's own, or farther than it is known and ten kilometres."""
    (row,) = _find(("JPN", _block(42, TOKYO)))
    said = row.evidence

    def moved(**changes: object) -> bool:
        return has_moved(said, msgspec.structs.replace(said, **changes), percent=10)

    near = msgspec.structs.replace(said.impact[0], north=said.impact[0].north + 800_000)
    far = msgspec.structs.replace(said.impact[0], north=said.impact[0].north + 2_000_000)
    assert [moved(percent=81), moved(percent=80), moved(impact=(near,)), moved(impact=(far,))] == [
        False, True, False, True,
    ]  # fmt: skip
    here = msgspec.structs.replace(said, event=TrackEvent.ENTERS)
    assert not has_moved(here, msgspec.structs.replace(here, place=far), percent=10)
    low = msgspec.structs.replace(said, percent=11)
    assert has_moved(low, msgspec.structs.replace(said, percent=9), percent=10)


def test_a_rule_with_kinds_goes_on_about_what_it_was_about() -> None:
    """An object whose kind reports contradict later is still the one that was drafted."""
    rule = msgspec.structs.replace
    kinds = tuple(rule(one, kinds=("icbm",)) for one in PACT.track_rules)
    other = rule(PACT, track_rules=kinds)
    situation = make_situation(read_terms(PACT), (("JPN", _block(42, TOKYO)),), Instant(AT))
    rules, suite = Rules(other, "JPN"), ProductionSuite()
    found = [
        list(find_drafts(situation, other, "JPN", rules=rules, known=known, readers=_readers, suite=suite))
        for known in ((), (("policy.rule.impact-japan", "JPN-0042"),))
    ]
    assert [len(rows) for rows in found] == [0, 1]
