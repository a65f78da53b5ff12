"""Who acted, and whether it was in their power: tables of the clauses P40 to P45."""

import dataclasses

import msgspec
import pytest

from comity.api.form import STATEMENT_FORMS
from comity.audit.procedures.office import find_act as find_second_act
from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.pact.offices import Act, Delegation, Deputy, MayAct, Offices, Role, SpeakingLevel, TwoPerson
from comity.pact.terms import Words
from comity.procedure.act import ACTS, OF_NODE, find_act
from comity.procedure.call import Acknowledged, ConclusionStated, ConsultationCalled, Outcome
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.entry import Entry, MarkedText, Marking, Translation
from comity.procedure.fields import Level
from comity.procedure.genesis import KeysRequested
from comity.procedure.hotline import MessageRead, MessageSent, Precedence
from comity.procedure.line import LineTestSent
from comity.procedure.office import OfficeTerms
from comity.procedure.officer import ActedBy, Capacity, Footing, cover
from comity.procedure.registry import ENTRY_TYPES, decode_entry, encode_entry
from comity.procedure.spillage import SpillageKind, SpillageReported
from comity.procedure.stated import Standing, Stated
from comity.procedure.text import SilenceHeld, TextAgreed
from comity.procedure.threat import ThreatKind
from kit.offices import by

ID = bytes(32)
TERMS = OfficeTerms(
    Offices(
        id="policy.offices",
        roles=tuple(Role(id=name, title=Words(en=name)) for name in ("watch", "chief", "clerk")),
        may=(
            MayAct(id="policy.may.watch", acts=(Act.CALL, Act.ACKNOWLEDGE, Act.CONCLUDE, Act.REPORT), roles=("watch",)),
            MayAct(id="policy.may.chief", acts=(Act.CALL, Act.MESSAGE, Act.CORRECT, Act.REPORT), roles=("chief",)),
        ),
        two_person=(
            TwoPerson(id="policy.two.call", act=Act.CALL, officers=2, levels=(SpeakingLevel.LEADERS,)),
            TwoPerson(id="policy.two.message", act=Act.MESSAGE, officers=2, above_rank=10),
            TwoPerson(id="policy.three.message", act=Act.MESSAGE, officers=3, above_rank=20),
        ),
        deputies=(Deputy(id="policy.deputy", role="chief", by=("watch",), vacant_ms=0),),
        delegation=Delegation(id="policy.delegation", acts=(Act.MESSAGE,), within_ms=1),
    ),
    {"OPEN": 0, "SECRET": 20, "TOP": 30},
)


def _decode(raw: bytes) -> Entry | None:
    found = decode_entry(raw)
    return found if isinstance(found, Entry) else None


def _call(level: Level) -> ConsultationCalled:
    return ConsultationCalled("C1", level, ThreatKind.OTHER, (), ())


def _message(level: str) -> MessageSent:
    body = MarkedText(Marking("JPN", "JPN", level, (), ()), (Translation("en", "x"),))
    return MessageSent("line", Level.WATCH, Precedence.FLASH, (), (), body)


def _correct(entry: Entry) -> EntryCorrected:
    return EntryCorrected(ID, CorrectionReason.MISTAKE, encode_entry(entry))


def _spill(role: str, *officers: str) -> SpillageReported:
    return SpillageReported(ID, SpillageKind.LOSS, 0, role, officers)


def _acted(*officers: Capacity) -> ActedBy:
    return ActedBy(tuple(sorted(officers, key=lambda one: one.officer)), 1)


WATCH, CHIEF, CLERK = (by(f"o-{role}", role)[0] for role in ("watch", "chief", "clerk"))
OTHER = by("o-2", "chief")[0]
THIRD = by("o-3", "chief")[0]
DEPUTY = Capacity("o-watch", "watch", Footing.DEPUTY, ("chief",))
FALSE_DEPUTY = Capacity("o-clerk", "clerk", Footing.DEPUTY, ("chief",))
DELEGATE = Capacity("o-clerk", "clerk", Footing.DELEGATION, ("chief",))
ACK = Acknowledged(ID, "watch", "o-watch")

ROWS: list[tuple[str, Entry, tuple[Capacity, ...], str]] = [
    ("in office", ConclusionStated(ID, Outcome.NO_ACTION), (WATCH,), ""),
    ("nobody", ConclusionStated(ID, Outcome.NO_ACTION), (), "officer.uncovered policy.offices"),
    ("another role", ConclusionStated(ID, Outcome.NO_ACTION), (CLERK,), "officer.wrong-role policy.may.watch"),
    ("one of two wrong", _call(Level.WATCH), (CHIEF, CLERK), "officer.wrong-role policy.may.watch"),
    ("a second row adds a role", _call(Level.WATCH), (CHIEF,), ""),
    ("a correction of a node's word", _correct(LineTestSent("line", 0)), (CHIEF,), ""),
    ("deputy", _message("OPEN"), (DEPUTY,), ""),
    ("no deputy by his role", _message("OPEN"), (FALSE_DEPUTY,), "officer.not-deputy policy.may.chief"),
    ("delegated", _message("OPEN"), (DELEGATE,), ""),
    ("not to be delegated", _call(Level.WATCH), (DELEGATE,), "officer.not-delegated policy.delegation"),
    ("alone at leaders' level", _call(Level.LEADERS), (CHIEF,), "officer.too-few policy.two.call"),
    ("two at leaders' level", _call(Level.LEADERS), (CHIEF, WATCH), ""),
    ("alone below", _call(Level.MINISTERS), (CHIEF,), ""),
    ("not above the rank", _message("OPEN"), (CHIEF,), ""),
    ("alone above the rank", _message("SECRET"), (CHIEF,), "officer.too-few policy.two.message"),
    ("two above the rank", _message("SECRET"), (CHIEF, OTHER), ""),
    ("the most that is asked", _message("TOP"), (CHIEF, OTHER), "officer.too-few policy.three.message"),
    ("three above the rank", _message("TOP"), (CHIEF, OTHER, THIRD), ""),
    ("a level that nobody knows", _message("COSMIC"), (CHIEF, OTHER), "officer.too-few policy.three.message"),
    ("named rightly", ACK, (WATCH,), ""),
    ("another officer named", Acknowledged(ID, "watch", "o-9"), (WATCH,), "officer.other-name policy.offices"),
    ("another role named", Acknowledged(ID, "chief", "o-watch"), (WATCH,), "officer.other-name policy.offices"),
    ("only an officer named", MessageRead(ID, "o-watch"), (WATCH,), ""),
    ("several named who all acted", _spill("chief", "o-2", "o-chief"), (CHIEF, OTHER), ""),
    ("some who acted named", _spill("watch", "o-watch"), (CHIEF, WATCH), ""),
    ("one named who did not act", _spill("watch", "o-9", "o-watch"), (WATCH,), "officer.other-name policy.offices"),
    ("a role of another who acted", _spill("chief", "o-watch"), (CHIEF, WATCH), "officer.other-name policy.offices"),
    ("the role stood for", _spill("chief", "o-watch"), (DEPUTY,), ""),
    ("nobody of those named", _spill("watch", "o-9"), (WATCH,), "officer.other-name policy.offices"),
    (
        "a correction is what it puts in place",
        _correct(_call(Level.LEADERS)),
        (CHIEF,),
        "officer.too-few policy.two.call",
    ),
    ("a withdrawal", EntryWithdrawn(ID, CorrectionReason.MISTAKE), (CHIEF,), ""),
    ("a node's own word", LineTestSent("line", 0), (), ""),
]


HELD = SilenceHeld(ID, ID, "watch", "o-watch")
AGREED = TextAgreed(ID, ID, "watch", "o-watch")


def _may_text(*acts: Act, two: Act | None = None, handed: Act | None = None) -> OfficeTerms:
    rows = () if two is None else (TwoPerson(id="policy.two", act=two, officers=2),)
    handing = None if handed is None else Delegation(id="policy.delegation", acts=(handed,), within_ms=1)
    may = (MayAct(id="policy.may.text", acts=acts, roles=("watch",)),)
    offices = msgspec.structs.replace(TERMS.offices, may=may, two_person=rows, delegation=handing)
    return OfficeTerms(offices, {})


@pytest.mark.parametrize(
    ("terms", "held", "agreed"),
    [
        (_may_text(Act.AGREE), "", ""),
        (_may_text(Act.HOLD), "", "officer.wrong-role policy.offices"),
        (_may_text(Act.AGREE, Act.HOLD, two=Act.AGREE), "", "officer.too-few policy.two"),
        (_may_text(Act.AGREE, two=Act.AGREE), "officer.too-few policy.two", "officer.too-few policy.two"),
        (_may_text(Act.AGREE, two=Act.HOLD), "officer.wrong-role policy.offices", ""),
        (_may_text(Act.AGREE, handed=Act.HOLD), "officer.wrong-role policy.offices", ""),
        (_may_text(Act.CALL), "officer.wrong-role policy.offices", "officer.wrong-role policy.offices"),
    ],
)
def test_a_pact_that_never_names_hold_reads_it_as_agree(terms: OfficeTerms, held: str, agreed: str) -> None:
    """A file of before keeps its meaning, two-person rules too; one that names `hold` anywhere means it (P60)."""
    for entry, fault in ((HELD, held), (AGREED, agreed)):
        found = terms.judge(entry, _acted(WATCH), _decode)
        assert ("" if found is None else f"{found.code} {found.clause}") == fault
    found = _may_text(Act.CALL).judge(HELD, None, _decode)
    assert found is not None
    assert found.act is Act.AGREE


def test_holding_delegated_as_agreeing() -> None:
    """What an older pact lets be handed over for `agree` lets the taker hold (P60)."""
    taker = Capacity("o-clerk", "clerk", Footing.DELEGATION, ("watch",))
    held = SilenceHeld(ID, ID, "watch", "o-clerk")
    assert _may_text(Act.AGREE, handed=Act.AGREE).judge(held, _acted(taker), _decode) is None
    found = _may_text(Act.AGREE, Act.HOLD, handed=Act.AGREE).judge(held, _acted(taker), _decode)
    assert found == ("officer.not-delegated", "policy.delegation", Act.HOLD)


@pytest.mark.parametrize(("story", "entry", "officers", "fault"), ROWS, ids=[row[0] for row in ROWS])
def test_each_act_is_judged_as_its_clause_says(
    story: str, entry: Entry, officers: tuple[Capacity, ...], fault: str
) -> None:
    """The first fault, with the clause that it rests on; or none."""
    found = TERMS.judge(entry, _acted(*officers) if officers else None, _decode)
    assert ("" if found is None else f"{found.code} {found.clause}") == fault, story


def test_without_a_clause_nothing_is_delegated() -> None:
    """A pact that is silent of delegation permits none, and cites who may do the act."""
    silent = dataclasses.replace(TERMS, offices=msgspec.structs.replace(TERMS.offices, delegation=None))
    found = silent.judge(_message("OPEN"), _acted(DELEGATE), _decode)
    assert found == ("officer.not-delegated", "policy.may.chief", Act.MESSAGE)


def test_every_type_of_entry_is_an_acts_or_a_nodes() -> None:
    """A type that is in neither table, or in both, would be said by nobody or asked of everybody."""
    assert set(ACTS) | OF_NODE == set(ENTRY_TYPES)
    assert not set(ACTS) & OF_NODE


def test_the_audit_reads_the_same_table() -> None:
    """Two lists, written apart from the one in the specification."""
    for type_ in ENTRY_TYPES:
        act = ACTS.get(type_)
        assert find_second_act(type_.__name__) == (None if act is None else act.value), type_


def test_what_an_officer_may_state_by_hand_has_an_act() -> None:
    """Nothing can be typed in that nobody has to answer for, but for asking for keys again."""
    of_node = {type_.__name__ for type_ in OF_NODE}
    assert set(STATEMENT_FORMS) & of_node == {KeysRequested.__name__}


def test_every_act_but_two_is_of_some_statement() -> None:
    """Ceremonies and the keeping of officers are no statements."""
    assert set(Act) - set(ACTS.values()) == {Act.CEREMONY, Act.ADMINISTER, Act.INSPECT}


def test_a_correction_that_cannot_be_read_is_an_act_of_its_own() -> None:
    """What it would put in place is not known: it is `correct`, as is what puts a node's own word in place."""
    assert find_act(EntryCorrected(ID, CorrectionReason.MISTAKE, b"x"), lambda _: None) is Act.CORRECT
    assert find_act(_correct(LineTestSent("line", 0)), _decode) is Act.CORRECT


@pytest.mark.parametrize(
    "bad",
    [
        (Capacity("b", "watch", Footing.OFFICE), Capacity("a", "watch", Footing.OFFICE)),
        (Capacity("a", "watch", Footing.OFFICE), Capacity("a", "chief", Footing.OFFICE)),
    ],
)
def test_officers_stand_in_order_and_once(bad: tuple[Capacity, ...]) -> None:
    """The same person is not two."""
    with pytest.raises(ValueError, match="ascending"):
        ActedBy(bad, 1)


@pytest.mark.parametrize(("footing", "stands_for"), [(Footing.OFFICE, ("chief",)), (Footing.DEPUTY, ())])
def test_a_footing_says_for_whom_or_not(footing: Footing, stands_for: tuple[str, ...]) -> None:
    """Nobody stands in for nobody, and whoever holds the office stands in for none."""
    with pytest.raises(ValueError, match="stands in"):
        Capacity("a", "watch", footing, stands_for)


def test_what_covers_nothing_is_no_entry() -> None:
    """Bounds are refused before it is stated."""
    with pytest.raises(UsageError, match=r"entry\.unfit"):
        encode_entry(ActedBy((WATCH,), 0))


def _page(*entries: Entry) -> list[Stated]:
    digest = Digest(ID)
    return [
        Stated(entry, Digest(bytes([index]) * 32), "JPN", ("JPN",), digest, 0, index, 0, Standing.GOOD, {})  # type: ignore[arg-type]
        for index, entry in enumerate(entries)
    ]


def test_it_covers_what_follows_and_no_more() -> None:
    """Of two that cover one entry the later counts; the end of the page ends it; nothing covers what says who acted."""
    first, second = ActedBy((WATCH,), 3), ActedBy((CHIEF,), 9)
    page = _page(ACK, first, ACK, second, ACK, ACK)
    assert cover(reversed(page)) == {2: first, 4: second, 5: second}
    assert cover(_page(ActedBy((WATCH,), 1), ACK, ACK)) == {1: ActedBy((WATCH,), 1)}
    assert cover(_page(ACK)) == {}


def test_an_entry_that_is_not_known_here_is_counted() -> None:
    """A place that was left out, of a newer type or out of form, is one of those that are covered."""
    page = _page(ActedBy((WATCH,), 2), ACK, ACK, ACK)
    del page[1]
    assert cover(page) == {2: ActedBy((WATCH,), 2)}
