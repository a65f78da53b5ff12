"""The record: scopes, what waits, what may be cited; and the timeline over it."""

import itertools
import string

import msgspec
import pytest

from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.procedure.call import Acknowledged, ConsultationCalled
from comity.procedure.consultation import ConsultationState
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.fields import Level
from comity.procedure.measure import MeasureOffered
from comity.procedure.record import Record, find_cited
from comity.procedure.registry import ENTRY_TYPES, encode_entry
from comity.procedure.scope import Scope
from comity.procedure.stated import Standing, Stated
from comity.procedure.text import TextAgreed, TextKind, TextOpened
from comity.procedure.threat import Credibility, Reliability, SourceKind, ThreatKind, ThreatReported, ThreatSource
from comity.procedure.timeline import SAYS, timeline, timeline_of
from kit.measuring import terms
from kit.stating import ALL, POLICY, ROLE, Room, minute, shuffled, words


def report(room: Room) -> Stated:
    """Japan reports a launch."""
    source = ThreatSource(SourceKind.OWN_SENSOR, Reliability.A, Credibility.CONFIRMED)
    return room.say(
        "JPN", ThreatReported(ThreatKind.MISSILE_LAUNCH, minute(0), ("JPN",), (source,), words()), minute(1)
    )


def call(room: Room, *threats: Stated) -> Stated:
    """The United States calls on these threats."""
    cited = tuple(sorted(threat.id for threat in threats))
    entry = ConsultationCalled("C1", Level.ADVISERS, ThreatKind.MISSILE_LAUNCH, cited, ("JPN",))
    return room.say("USA", entry, minute(2))


def take(room: Room) -> Record:
    """A record of all that was said in a room."""
    record = Record(POLICY)
    record.take(room.said)
    return record


def test_only_touched_scopes_are_folded_again() -> None:
    """A new statement leaves every other scope's state the very object that it was."""
    room = Room()
    threat = report(room)
    called = call(room, threat)
    record = take(room)
    held = record.get_state(Scope("threat", threat.id, ALL))
    before = record.get_state(Scope("consultation", called.id, ALL))
    answered = room.say("JPN", Acknowledged(called.id, ROLE, "o1"), minute(3))
    assert record.take([answered]) == (Scope("consultation", called.id, ALL),)
    assert record.get_state(Scope("threat", threat.id, ALL)) is held
    after = record.get_state(Scope("consultation", called.id, ALL))
    assert isinstance(after, ConsultationState)
    assert after is not before
    assert after.cell("JPN").acknowledgement == answered
    assert record.take([answered]) == (), "said twice changes nothing"


def test_a_worse_standing_is_news_and_a_better_one_is_not() -> None:
    """Standings only get worse, so any order of news ends alike."""
    room = Room()
    called = call(room)
    room.say("JPN", Acknowledged(called.id, ROLE, "o1"), minute(3))
    record = take(room)
    good = room.said[-1]
    room.dispute(good, Standing.DISOWNED)
    assert record.take(room.said) == (Scope("consultation", called.id, ALL),)
    assert record.take([good]) == ()
    assert record.find_statement(good.id) == room.said[-1]


def test_what_refers_to_nothing_here_waits() -> None:
    """Answers that came before the call are kept, shown as waiting, and counted when it comes."""
    room = Room()
    called = call(room)
    room.say("JPN", Acknowledged(called.id, ROLE, "o1"), minute(3))
    record = Record(POLICY)
    record.take(room.said[1:])
    assert record.list_awaiting() == (Scope("consultation", called.id, ALL),)
    record.take(room.said[:1])
    assert record.list_awaiting() == ()


def test_what_is_said_of_an_object_elsewhere_never_stands_for_it() -> None:
    """An object is found by the entry that opened it, whatever was said of it to others; else, by what awaits it."""
    room = Room()
    called = call(room)
    room.say("JPN", Acknowledged(called.id, ROLE, "o1"), minute(3))
    answered = msgspec.structs.replace(room.said[1], audience=("JPN", "USA"))
    aside, object_ = Scope("consultation", called.id, ("JPN", "USA")), Scope("consultation", called.id, ALL)
    record = Record(POLICY)
    record.take([answered])
    assert record.find_object(called.id, "consultation") == aside
    record.take([called])
    assert record.find_object(called.id, "consultation") == object_
    assert record.find_object(called.id, "text", "consultation") == object_
    assert record.find_object(called.id, "text") is None
    assert record.find_object(answered.id, "consultation") is None


@pytest.mark.parametrize("seed", range(8))
def test_corrections_find_their_target_in_any_order(seed: int) -> None:
    """A correction and its withdrawal end in the scope of what they are about, whichever came first."""
    room = Room()
    called = call(room)
    wrong = room.say("JPN", Acknowledged(called.id, ROLE, "o1"), minute(3))
    right = encode_entry(Acknowledged(called.id, ROLE, "o2"))
    correction = room.say("JPN", EntryCorrected(wrong.id, CorrectionReason.MISTAKE, right), minute(4))
    room.say("JPN", EntryWithdrawn(correction.id, CorrectionReason.MISTAKE), minute(5))
    record = Record(POLICY)
    for stated in shuffled(room.said, seed):
        record.take([stated])
    scope = Scope("consultation", called.id, ALL)
    assert record.list_statements(scope) == tuple(room.said)
    assert record.list_scopes("correction") == ()
    assert record.get_state(scope) == take(room).get_state(scope)


def test_nobody_may_be_told_of_what_he_may_not_read() -> None:
    """An entry that names something of a smaller audience is found before it is sent, inside a correction too."""
    private = Room(("JPN", "USA"))
    threat = report(private)
    record = take(private)
    entry = ConsultationCalled("C1", Level.ADVISERS, ThreatKind.MISSILE_LAUNCH, (threat.id,), ())
    assert record.find_hidden_citation(entry, ALL) == threat.id
    assert record.find_hidden_citation(entry, ("JPN", "USA")) is None
    wrapped = EntryCorrected(b"\x05" * 32, CorrectionReason.MISTAKE, encode_entry(entry))
    assert record.find_hidden_citation(wrapped, ALL) == threat.id
    assert find_cited(entry) == (threat.id,)


def test_what_is_not_here_has_a_code() -> None:
    """Asking for an unknown scope is the caller's fault."""
    with pytest.raises(UsageError) as refused:
        Record(POLICY).get_state(Scope("text", b"\x01" * 32, ALL))
    assert refused.value.code == "record.unknown"


def test_the_timeline_holds_all_that_belongs_to_a_consultation() -> None:
    """Threats it was called on, its texts and measures, in order; nothing of another one; corrections beside."""
    room = Room()
    threat = report(room)
    called = call(room, threat)
    text = room.say("JPN", TextOpened((called.id,), TextKind.JOINT_STATEMENT, ("en",)), minute(4))
    room.say("KOR", TextAgreed(text.id, b"\x07" * 32, ROLE, "o1"), minute(5))
    room.say("KOR", MeasureOffered((called.id,), (), terms()), minute(6))
    unsaid = room.say("JPN", EntryWithdrawn(threat.id, CorrectionReason.MISTAKE), minute(7))
    room.say("KOR", MeasureOffered((), (), terms()), minute(8))
    rows = timeline(take(room), called.id)
    assert [row.code for row in rows] == [
        "timeline.threat-reported",
        "timeline.consultation-called",
        "timeline.text-opened",
        "timeline.text-agreed",
        "timeline.measure-offered",
        "timeline.entry-withdrawn",
    ]
    assert rows[0].withdrawn_by == unsaid.id
    assert rows[4].arguments["actor"] == "fleet-1"


def test_every_type_has_words_and_their_fields_exist() -> None:
    """Whoever shows a timeline never meets a type without words, nor a field without a value."""
    for type_ in ENTRY_TYPES:
        kebab = "".join(f"-{c.lower()}" if c.isupper() else c for c in type_.__name__).lstrip("-")
        says = SAYS[f"timeline.{kebab}"]
        named = {name for _, name, _, _ in string.Formatter().parse(says) if name}
        fields = {"party", *type_.__struct_fields__}
        for field in msgspec.structs.fields(type_):
            fields |= set(getattr(field.type, "__struct_fields__", ()))  # a struct's fields go by their own names
        assert named <= fields, type_


def test_a_row_shows_the_corrected_entry() -> None:
    """The row has the entry as it stands, and names the correction."""
    room = Room()
    called = call(room)
    wrong = room.say("JPN", Acknowledged(called.id, ROLE, "o1"), minute(3))
    right = encode_entry(Acknowledged(called.id, ROLE, "o2"))
    correction = room.say("JPN", EntryCorrected(wrong.id, CorrectionReason.MISTAKE, right), minute(4))
    row = next(row for row in timeline_of(room.said) if row.id == wrong.id)
    assert row.arguments["officer"] == "o2"
    assert row.corrected_by == correction.id


def test_one_entry_in_two_pages_reads_alike_in_any_order() -> None:
    """P1: who seals an entry alike into two rival pages gives it two clocks; which came first must not choose."""
    room = Room()
    called = call(room)
    said = room.say("JPN", Acknowledged(called.id, ROLE, "o1"), minute(30))
    copies = [
        msgspec.structs.replace(said, written_at=minute(at), page_digest=Digest(bytes([mark]) * 32))
        for at, mark in ((30, 1), (3, 3), (3, 2))
    ]
    kept = set()
    for order in itertools.permutations(copies):
        record = take(room)
        for copy in order:
            record.take([copy])
        (held,) = [row for row in record.list_statements(Scope("consultation", called.id, ALL)) if row.id == said.id]
        kept.add((held.written_at, held.page_digest))
    assert kept == {(minute(3), bytes([2]) * 32)}
