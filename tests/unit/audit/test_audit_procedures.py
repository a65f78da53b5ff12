"""What the audit reads of procedures by itself: forms, corrections in two rooms, hidden citations, findings."""

import hashlib
import importlib.resources

import msgspec
import pytest

from comity.audit.chain import Journal
from comity.audit.form import JournalId
from comity.audit.opinion import find_faults
from comity.audit.procedures.citation import find_hidden
from comity.audit.procedures.forms import Entry
from comity.audit.procedures.judge import Procedures
from comity.audit.procedures.known import decode_entry, find_known
from comity.audit.procedures.message import judge_message
from comity.audit.procedures.said import DISPUTED, GOOD, Place, Said, Spot, keep_one_each
from comity.audit.procedures.scope import Scope
from comity.base.names import Audience, Party
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE
from kit.audit_keys import ALL, LINEAGE, REALM

PAIR: Audience = ("JPN", "USA")
POLICY = parse_pact((importlib.resources.files(PROFILE_PACKAGE) / "camp-david.toml").read_bytes()).policy
encode = msgspec.msgpack.encode


def say(
    entry: list[object],
    *,
    by: Party = "USA",
    audience: Audience = ALL,
    number: int = 1,
    at: int = 5,
    standing: int = GOOD,
) -> Said:
    """One statement, of the United States unless another party is named."""
    read = decode_entry(str(entry[0]), encode(entry))
    assert read is not None
    id_ = hashlib.sha256(encode([entry, audience])).digest()
    page = hashlib.sha256(encode([number, at])).digest()
    return Said(read, id_, by, audience, Place(0, number, 0), Spot(bytes(32), page), at, standing)


def test_an_entry_may_not_name_what_some_of_its_readers_may_not_read() -> None:
    """P5, within a replacement too; naming what all may read is nothing."""
    call = say(["ConsultationCalled", "C1", "watch", "other", [], []], audience=PAIR)
    wide = say(["CallDeclined", call.id, "not-stated"])
    within = say(["EntryCorrected", b"\x01" * 32, "mistake", encode(["CallDeclined", call.id, "not-stated"])])
    own = say(["CallDeclined", call.id, "other-channel"], audience=PAIR)
    assert [(one.said, one.named) for one in find_hidden([call, wide, within, own])] == [(wide, call), (within, call)]
    assert not list(find_hidden([call, own]))


def test_a_hidden_citation_is_a_breach_that_names_who_may_not_read() -> None:
    """The finding stands against the page of the entry that names, with the readers who learn too much."""
    call = say(["ConsultationCalled", "C1", "watch", "other", [], []], audience=PAIR)
    wide = say(["CallDeclined", call.id, "not-stated"], number=7)
    procedures = Procedures(0, (), (), (), (), hidden=tuple(find_hidden([call, wide])))
    journal = JournalId(LINEAGE, REALM, "record", "USA", ALL, 0)
    (finding,) = find_faults(procedures, {bytes(32): Journal(journal, bytes(32))})
    assert (finding.code, finding.number, finding.arguments["readers"]) == ("entry.cites-hidden", 7, ("KOR",))


def test_one_entry_in_two_pages_is_that_of_the_worse_then_the_earlier() -> None:
    """P1, in whatever order the pages come."""
    entry: list[object] = ["ConsultationCalled", "C1", "watch", "other", [], []]
    late, early, disputed = say(entry, at=9), say(entry, at=3), say(entry, at=9, standing=DISPUTED)
    assert keep_one_each([late, early]) == keep_one_each([early, late]) == [early]
    assert keep_one_each([early, disputed]) == keep_one_each([disputed, early]) == [disputed]


@pytest.mark.parametrize(
    "entry",
    [
        ["PositionStated", bytes(32), bytes(32), "support", 7],
        ["PositionStated", bytes(32), bytes(32), "accept-ad-referendum", 0],
        ["PositionStated", bytes(32), bytes(31), "support", 0],
        ["PositionStated", bytes(32), bytes(32), "support"],
        ["PositionStated", bytes(32), bytes(32), "support", 0, 0],
        ["ConsultationCalled", "C1", "watch", "other", [], ["USA", "JPN"]],
        ["ConsultationCalled", "C1..2", "watch", "other", [], []],
        ["SilenceExtended", bytes(32), bytes(32), 9, 9, 0],
        ["TextOpened", [], "plan", ["en", "en"]],
        ["TextOpened", [], "plan", []],
        ["TextAdoptionSeen", bytes(32), bytes(32), 0, []],
    ],
)
def test_an_entry_of_a_known_type_with_other_fields_is_none(entry: list[object]) -> None:
    """J10: what the tables do not permit says nothing."""
    raw = encode(entry)
    assert find_known(raw) == entry[0]
    assert decode_entry(str(entry[0]), raw) is None


def test_types_that_the_tables_do_not_have_are_passed_over() -> None:
    """They are kept raw and folded by a newer version; garbage has no type at all."""
    assert find_known(encode(["Rumour", 1])) is None
    assert [find_known(raw) for raw in (b"", b"\x91", b"\xc1\xc1", b"\x92\xa5Tex")] == [None] * 4
    assert Entry.is_procedural


class NothingKnown:
    """No cut and no head proves anything."""

    def knows(self, later: Said, earlier: Said, /) -> bool:
        del later, earlier
        return False

    def knows_fault(self, later: Said, doubted: Said, /) -> bool:
        del later, doubted
        return False

    def is_confirmed(self, said: Said, party: Party, /) -> bool:
        del said, party
        return False


def send(text: str) -> list[object]:
    """A message with these words."""
    return ["MessageSent", "nsa-line", "watch", "flash", [], [], words(text)]


def words(text: str) -> list[object]:
    """These words in English, marked."""
    return [["JPN", "JPN", "JPN-OPEN", ["dprk-missile"], []], [["en", text]]]


def test_a_withdrawn_message_is_held_against_its_words_when_it_was_withdrawn() -> None:
    """Corrected, then withdrawn: the corrected words count (P3, P28), and no correction after the withdrawal."""
    sent = say(send("first"))
    read_back = [
        say(["MessageReadBack", sent.id, words(text)], by=party)
        for party, text in (("JPN", "first"), ("KOR", "better"))
    ]
    better = say(["EntryCorrected", sent.id, "mistake", encode(send("better"))], number=2)
    withdrawn = say(["EntryWithdrawn", sent.id, "mistake"], number=3)
    again = say(["EntryWithdrawn", sent.id, "duplicate"], number=5)
    late = say(["EntryCorrected", sent.id, "mistake", encode(send("first"))], number=4)
    undone = say(["EntryWithdrawn", better.id, "mistake"], number=6)
    for acts, matching in (
        ([], "JPN"),
        ([better], "KOR"),
        ([better, withdrawn], "KOR"),
        ([again, late, withdrawn, better], "KOR"),
        ([better, withdrawn, late, again, undone], "JPN"),
    ):
        rows = [sent, *read_back, *acts]
        state = judge_message(Scope("message", sent.id, ALL), rows, policy=POLICY, knowing=NothingKnown())
        assert state.is_withdrawn == (withdrawn in acts)
        assert [party for party, cell in state.cells.items() if cell.matches] == [matching]
