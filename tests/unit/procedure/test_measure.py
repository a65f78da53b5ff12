"""Measures and national action: terms, acceptance, progress (docs/spec/procedure.md, P24 and P25)."""

from comity.procedure.measure import (
    MeasureAccepted,
    MeasureAmended,
    MeasureDeclined,
    MeasureDelivered,
    MeasureOffered,
    MeasureReason,
    MeasureStarted,
    MeasureState,
    MeasureStatus,
    MeasureWithdrawn,
    fold_measure,
)
from comity.procedure.national import ActionStage, NationalActionEnded, NationalActionStated, fold_national
from comity.procedure.scope import Scope
from comity.procedure.stated import Standing, Stated
from kit.measuring import terms
from kit.stating import ALL, POLICY, Room, minute, shuffled


def fold(offered: Stated, room: Room) -> MeasureState:
    """The state, the same for another order of arrival."""
    scope = Scope("measure", offered.id, ALL)
    state = fold_measure(scope, room.said, POLICY)
    assert fold_measure(scope, shuffled(room.said, 5), POLICY) == state
    return state


def offer(room: Room) -> Stated:
    """Japan offers a measure coordinated with the other two."""
    return room.say("JPN", MeasureOffered((), ("KOR", "USA"), terms()), minute(0))


def test_from_offer_to_delivery() -> None:
    """Offered until both have accepted, then accepted, under way, delivered."""
    room = Room()
    offered = offer(room)
    assert fold(offered, room).status is MeasureStatus.OFFERED
    room.say("KOR", MeasureAccepted(offered.id, offered.id), minute(1))
    assert fold(offered, room).status is MeasureStatus.OFFERED
    room.say("USA", MeasureAccepted(offered.id, offered.id), minute(2))
    assert fold(offered, room).status is MeasureStatus.ACCEPTED
    room.say("JPN", MeasureStarted(offered.id), minute(3))
    assert fold(offered, room).status is MeasureStatus.UNDER_WAY
    room.say("JPN", MeasureDelivered(offered.id), minute(4))
    assert fold(offered, room).status is MeasureStatus.DELIVERED


def test_amended_terms_are_accepted_anew() -> None:
    """Acceptance of the first terms is none of the second."""
    room = Room()
    offered = offer(room)
    for party in ("KOR", "USA"):
        room.say(party, MeasureAccepted(offered.id, offered.id), minute(1))
    amended = room.say("JPN", MeasureAmended(offered.id, terms(actor="fleet-2")), minute(2))
    state = fold(offered, room)
    assert state.status is MeasureStatus.OFFERED
    assert state.terms == terms(actor="fleet-2")
    for party in ("KOR", "USA"):
        room.say(party, MeasureAccepted(offered.id, amended.id), minute(3))
    assert fold(offered, room).status is MeasureStatus.ACCEPTED


def test_one_decline_declines_and_can_be_changed() -> None:
    """A party's last answer stands, and only its own."""
    room = Room()
    offered = offer(room)
    room.say("KOR", MeasureAccepted(offered.id, offered.id), minute(1))
    room.say("KOR", MeasureDeclined(offered.id, offered.id, MeasureReason.NOT_ABLE), minute(2))
    room.say("USA", MeasureAccepted(offered.id, offered.id), minute(3))
    assert fold(offered, room).status is MeasureStatus.DECLINED
    room.say("KOR", MeasureAccepted(offered.id, offered.id), minute(4))
    assert fold(offered, room).status is MeasureStatus.ACCEPTED


def test_nobody_moves_anothers_measure() -> None:
    """Starting, delivering, amending or withdrawing by another party changes nothing."""
    room = Room()
    offered = offer(room)
    for entry in (
        MeasureStarted(offered.id),
        MeasureDelivered(offered.id),
        MeasureWithdrawn(offered.id, MeasureReason.NOT_NEEDED),
        MeasureAmended(offered.id, terms(actor="fleet-2")),
    ):
        room.say("USA", entry, minute(1))
    state = fold(offered, room)
    assert (state.status, state.terms) == (MeasureStatus.OFFERED, terms())


def test_an_own_act_needs_nobodys_leave() -> None:
    """A measure may be under way without acceptance; the state shows both facts."""
    room = Room()
    offered = offer(room)
    room.say("JPN", MeasureStarted(offered.id), minute(1))
    state = fold(offered, room)
    assert state.status is MeasureStatus.UNDER_WAY
    assert not state.is_accepted


def test_a_disputed_acceptance_is_none() -> None:
    """Consent counts only from undisputed pages."""
    room = Room()
    offered = room.say("JPN", MeasureOffered((), ("KOR",), terms()), minute(0))
    room.say("KOR", MeasureAccepted(offered.id, offered.id), minute(1), standing=Standing.DISPUTED)
    assert fold(offered, room).status is MeasureStatus.OFFERED


def test_answers_without_the_offer_wait() -> None:
    """What is said of a measure that is not here yet changes nothing until it comes."""
    room = Room()
    offered = offer(room)
    room.say("KOR", MeasureAccepted(offered.id, offered.id), minute(1))
    state = fold_measure(Scope("measure", offered.id, ALL), room.said[1:], POLICY)
    assert state.status is MeasureStatus.AWAITING


def test_national_action_is_ended_by_its_author_alone() -> None:
    """Nothing that another party states touches a national action."""
    room = Room()
    stated = room.say("KOR", NationalActionStated((), ActionStage.UNDER_WAY, terms()), minute(0))
    scope = Scope("national", stated.id, ALL)
    room.say("USA", NationalActionEnded(stated.id), minute(1))
    assert fold_national(scope, room.said, POLICY).ended is None
    ended = room.say("KOR", NationalActionEnded(stated.id), minute(2))
    assert fold_national(scope, shuffled(room.said, 2), POLICY).ended == ended


def test_a_national_action_ends_with_the_first_good_word_of_its_author() -> None:
    """P25, P2: a disputed ending is none, and the first is the first of his chain, whatever his clock said."""
    room = Room()
    stated = room.say("KOR", NationalActionStated((), ActionStage.UNDER_WAY, terms()), minute(0))
    scope = Scope("national", stated.id, ALL)
    room.say("KOR", NationalActionEnded(stated.id), minute(1), standing=Standing.DISPUTED)
    assert fold_national(scope, room.said, POLICY).ended is None
    first = room.say("KOR", NationalActionEnded(stated.id), minute(9))
    room.say("KOR", NationalActionEnded(stated.id), minute(2))
    assert fold_national(scope, room.said, POLICY).ended == first
