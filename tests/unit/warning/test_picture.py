"""What a picture shows (docs/spec/warning.md, W42 to W51): who stands how, what is fused, what stands side by side."""

import numpy as np

from comity.base.instants import Instant
from comity.crypto.production import ProductionSuite
from comity.pact.parse import parse_pact
from comity.rehearsal import read_profile
from comity.warning.domain import TrackTerms, read_terms
from comity.warning.layout import ESTIMATE, NOT_NAMED, Flag
from comity.warning.picture import Picture, make_situation
from comity.warning.rows import Block, Coarsening, Rows
from comity.warning.situation import Conflict, Delay, Situation, Stand
from kit.tracks import make_estimates, make_rows

AIR = "policy.track.air"
TERMS = {AIR: TrackTerms(AIR, "air", 1_000, 20_000, 60_000)}
START = 1_795_000_000_000
DIGEST = "a25e4e7fa20679e391cec3b5a72c726b9950453e7ebd9b4a6b31c6d0d25732f5"


def _fly(track: int, ms: int = 0, *, north_m: int = 0, **changes: int) -> Rows:
    """A row of something at that place which moves north at 100 m/s."""
    place = 391_000_000 + round((north_m + ms / 10) * 90)
    fixed = {"velocity_east": 0, "velocity_north": 10_000, "number": ms // 1_000 + 1}
    return make_rows({"track": track, "at": START + ms, "latitude": place, **fixed, **changes})


def _block(*rows: Rows, told: Coarsening | None = None, sensors: tuple[str, ...] = ()) -> Block:
    return Block(AIR, sensors, np.concatenate(rows), np.empty(0, ESTIMATE), told)


def _look(*said: tuple[str, Block], ms: int = 0) -> Situation:
    return make_situation(TERMS, said, Instant(START + ms))


def _name(situation: Situation) -> list[tuple[str, list[str]]]:
    """Objects with the names of their members."""
    return [
        (
            str(situation.name_object(place)),
            [str(situation.name_member(one)) for one in situation.iterate_members(place)],
        )
        for place in range(len(situation.objects))
    ]


def test_reports_of_three_are_one_object() -> None:
    """Named by its first member; the estimate lies among the reports and is as sure as the surest."""
    said = [(party, _block(_fly(7, north_m=off))) for party, off in (("USA", 40), ("JPN", 0), ("KOR", -30))]
    situation = _look(*said, ms=2_000)
    assert _name(situation) == [("JPN-0007", ["JPN-0007", "KOR-0007", "USA-0007"])]
    (found,) = situation.objects
    assert (found["count"], found["conflict"], found["standing"], found["is_estimated"]) == (1, 0, Stand.LIVE, 1)
    assert abs(int(found["latitude"]) - 391_000_000 - 200 * 90) < 50 * 90
    assert 300 <= int(found["sigma_north"]) < 400
    assert situation.count_objects(AIR) == 1
    assert situation.count_objects("policy.track.unknown") == 0


def test_an_own_track_alone_is_shown_where_it_is_by_now() -> None:
    """Ten seconds after its last row: a thousand metres on, and less sure of it."""
    (found,) = _look(("JPN", _block(_fly(7))), ms=10_000).objects
    assert abs(int(found["latitude"]) - 391_000_000 - 1_000 * 90) < 90
    assert int(found["altitude"]) == 100_001  # a straight line leaves the round by a few centimetres
    assert int(found["sigma_north"]) > 2_000


def test_reports_too_far_apart_conflict_and_stay() -> None:
    """Within the gate and beyond three deviations: one object without an estimate, both reports beside it."""
    situation = _look(("JPN", _block(_fly(7))), ("KOR", _block(_fly(3, north_m=198))))
    assert _name(situation) == [("JPN-0007", ["JPN-0007", "KOR-0003"])]
    (found,) = situation.objects
    assert (found["conflict"], found["is_estimated"], found["latitude"]) == (Conflict.PLACE, 0, 0)
    assert [int(row["latitude"]) for row in situation.members["row"]] == [391_000_000, 391_000_000 + 198 * 90]


def test_other_kinds_conflict_and_none_is_chosen() -> None:
    """The place is fused, the kind is nobody's; where one does not know, the other's stands with its own confidence."""
    one, other = _fly(7, kind=0, confidence=90), _fly(3, kind=2, confidence=60)
    (found,) = _look(("JPN", _block(one)), ("KOR", _block(other))).objects
    assert (found["conflict"], found["is_estimated"]) == (Conflict.KIND, 1)
    assert (found["kind"], found["confidence"]) == (NOT_NAMED, 0)
    (found,) = _look(("JPN", _block(_fly(7))), ("KOR", _block(other))).objects
    assert (found["conflict"], found["kind"], found["confidence"]) == (0, 2, 60)


def test_a_salvo_counts_what_one_party_sees() -> None:
    """Three that Japan sees and two that Korea sees, on one spot: three unresolved, five reports, no estimate."""
    japan = _block(*(_fly(track, north_m=track) for track in (1, 2, 3)))
    korea = _block(*(_fly(track, north_m=track) for track in (1, 2)))
    situation = _look(("JPN", japan), ("KOR", korea))
    (found,) = situation.objects
    assert (found["count"], found["member_count"], found["is_estimated"]) == (3, 5, 0)
    assert situation.count_objects(AIR) == 3


def test_a_crossing_exchanges_nobody() -> None:
    """Two that pass through one spot at the same moment, and two parties that see both: who is whose before is who is
    whose after, for velocity tells them apart even there.
    """
    said: list[tuple[str, Block]] = []
    for ms in range(0, 41_000, 1_000):
        for party, off in (("JPN", 0), ("KOR", 30)):
            there = _fly(1, ms, north_m=off - 2_000)
            back = _fly(2, 0, north_m=off + 2_000 - ms // 10, at=START + ms, number=ms + 1, velocity_north=-10_000)
            said.append((party, _block(there, back)))
    picture = Picture(TERMS)
    for ms, (first, second) in zip(range(0, 41_000, 1_000), zip(said[::2], said[1::2], strict=True), strict=True):
        picture.take(*first)
        picture.take(*second)
        found = _name(picture.at(Instant(START + ms)))
        assert found == [("JPN-0001", ["JPN-0001", "KOR-0001"]), ("JPN-0002", ["JPN-0002", "KOR-0002"])]


def test_one_noisy_moment_parts_nobody() -> None:
    """Together for four cycles, then one report beyond the gate: still one object, for the mean decides; without the
    cycles before, the same two rows are two.
    """
    said = [
        (party, _block(*(_fly(7, ms, north_m=off) for ms in range(0, 20_000, 5_000))))
        for party, off in (("JPN", 0), ("KOR", 20))
    ]
    jump = [("JPN", _block(_fly(7, 20_000))), ("KOR", _block(_fly(7, 20_000, north_m=290)))]
    together, alone = _look(*said, *jump, ms=20_000), _look(*jump, ms=20_000)
    assert [len(members) for _, members in _name(together)] == [2]
    assert [len(members) for _, members in _name(alone)] == [1, 1]


def test_live_stale_dropped_gone() -> None:
    """By the class's own numbers; what is dropped counts nowhere and is shown a quarter of an hour longer."""
    picture = Picture(TERMS)
    picture.take("JPN", _block(_fly(7)))
    found = []
    for ms in (20_000, 20_001, 60_000, 60_001, 960_000, 960_001):
        situation = picture.at(Instant(START + ms))
        found.append(([int(of) for of in situation.objects["standing"]], situation.count_objects(AIR)))
    live, stale, dropped = int(Stand.LIVE), int(Stand.STALE), int(Stand.DROPPED)
    assert found == [([live], 1), ([stale], 1), ([stale], 1), ([dropped], 0), ([dropped], 0), ([], 0)]
    assert picture.track_count == 0


def test_a_track_found_again_goes_on() -> None:
    """Dropped by its author, it comes back under another number where it would be by then: one object, and it
    says of what it is the continuation. One that comes back elsewhere is another.
    """
    lost = _block(_fly(41), _fly(41, 5_000, flags=Flag.ALTITUDE | Flag.VELOCITY | Flag.DROPPED))
    again = _block(_fly(42, 15_000))
    situation = _look(("JPN", lost), ("JPN", again), ms=16_000)
    assert _name(situation) == [("JPN-0042", ["JPN-0042"])]
    assert situation.members["continues"].tolist() == [41]
    elsewhere = _look(("JPN", lost), ("JPN", _block(_fly(42, 15_000, north_m=90_000))), ms=16_000)
    assert [name for name, _ in _name(elsewhere)] == ["JPN-0041", "JPN-0042"]
    assert elsewhere.members["continues"].tolist() == [0, 0]
    assert elsewhere.count_objects(AIR) == 1


def test_delays_are_shown_and_decide_nothing() -> None:
    """The same blocks late or at once: the same digest, other delays; what was stale by then counts as late."""
    suite = ProductionSuite()
    prompt, late = Picture(TERMS), Picture(TERMS)
    for picture, delay_ms in ((prompt, 40), (late, 25_000)):
        picture.take("JPN", _block(_fly(7), _fly(8, north_m=90_000)), Instant(START + delay_ms))
        picture.take("JPN", _block(_fly(7)), Instant(START + 50_000))  # once more, by another way
    at = Instant(START + 55_000)
    situations = [picture.at(at) for picture in (prompt, late)]
    assert situations[0].digest(suite) == situations[1].digest(suite)
    assert situations[0].delays == (Delay("JPN", 40, 40, 40, 0),)
    assert situations[1].delays == (Delay("JPN", 25_000, 25_000, 25_000, 2),)


def test_words_and_estimates_stand_with_their_reports() -> None:
    """Sensors by name, terms of what is coarsened, the latest estimate of launch and of impact each."""
    told = Coarsening("policy.track.coarse", 5_000, 0)
    rows = np.concatenate([_fly(7, sensor=1), _fly(7, 1_000, sensor=0)])
    guesses = make_estimates({"row": 0, "what": 0}, {"row": 0, "what": 1}, {"row": 1, "what": 1, "latitude": 5})
    situation = _look(("JPN", Block(AIR, ("RADAR 2", "RADAR 1"), rows, guesses, told)), ms=1_000)
    assert (situation.find_sensor(0), situation.find_told(0)) == ("RADAR 2", told)
    assert [(int(e["row"]), int(e["what"]), int(e["latitude"])) for e in situation.estimates] == [
        (0, 0, 400_000_000),
        (0, 1, 5),
    ]


def test_only_who_reports_a_class_is_shown() -> None:
    """The pact says who reports what: Camp David's classes, and a block of nobody's or of another author's."""
    terms = read_terms(parse_pact(read_profile("camp-david")))
    assert terms["policy.track.ballistic"].domain == "missile"
    picture = Picture(terms)
    block = _block(_fly(7))
    for author, class_ in (("AUS", AIR), ("JPN", "policy.track.none"), ("JPN", AIR)):
        picture.take(author, Block.of_rows(class_, block.rows))
    assert _name(picture.at(Instant(START))) == [("JPN-0007", ["JPN-0007"])]


def test_the_same_rows_are_the_same_picture_on_every_machine() -> None:
    """This digest was made elsewhere: another here means that a number of W41 to W49 changed, or that this machine's
    arithmetic is not that of the others.
    """
    said = []
    for number, party in enumerate(("JPN", "KOR", "USA")):
        rows = [
            _fly(
                track,
                ms,
                north_m=track * 37_001 + number * 17,
                longitude=1_271_000_000 + track * 22_345_677,
                altitude=track * 40_009,
                velocity_up=track * 911,
                sigma_east=300 + 97 * number,
                rho_en=track * 1_003 - 9_000,
                rho_nu=-track * 701,
            )
            for track in range(1, 20)
            for ms in range(number * 333, 12_000, 1_000 + number)
        ]
        said.append((party, _block(*rows)))
    situation = _look(*said, ms=12_345)
    assert (situation.objects["member_count"] == 3).all()
    assert situation.digest(ProductionSuite()).hex() == DIGEST
