"""What an audit lists of requests and incidents, for people and as JSON."""

from dataclasses import replace

import pytest

from comity.audit import Record, Report, audit
from comity.audit.procedures.quarantine import judge_quarantine
from comity.base.instants import HOUR_MS, MINUTE_MS
from comity.cli.audit_requests import print_requests
from comity.cli.audit_sheet import report_as_json
from comity.procedure.entry import Entry
from comity.procedure.inquiry import AnswerReason, InformationAnswered, InformationRequested, InquiryAnswer
from comity.procedure.quarantine import FindingReported, QuarantineReleased
from comity.procedure.sharing import Basis, ItemShared, PassOnRequested
from comity.procedure.spillage import (
    SpillageConcluded,
    SpillageKind,
    SpillageReported,
    SpillageResult,
    SpillageStep,
)
from kit.loop import Loop, marked
from kit.releasing import BY_HUB_ONLY, ITEM, JPN_KOR, JPN_USA, stated
from kit.second_folds import say_again
from kit.second_opinion import find_audit_pins

WHO = ("release-officer", ("duty-1",))


def say(loop: Loop, party: str, to: tuple[str, ...], entry: Entry) -> bytes:
    """State one entry by the ordinary way; return its id."""
    loop.now = type(loop.now)(loop.now + MINUTE_MS)
    answer = loop.say(party, entry, to=to)
    assert answer.code == "", answer
    return answer.ids[0]


@pytest.fixture(scope="module")
def report() -> Report:
    """Japan gives an item; the United States asks to pass it on, asks Japan for more, loses it and finds it again."""
    loop = Loop()
    loop.be_born()
    bases = (Basis("USA", "tisa-2014", "USA-S"),)
    say(loop, "JPN", JPN_USA, ItemShared(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), bases))
    say(loop, "USA", JPN_USA, PassOnRequested(ITEM, "KOR", loop.now + HOUR_MS))
    words = marked("What do you know?", originator="USA", level="USA-U", topics=("dprk-missile",))
    asking = InformationRequested("dprk-missile", "USA-S", loop.now + HOUR_MS, words)
    asked = say(loop, "USA", JPN_USA, asking)
    say(loop, "JPN", JPN_USA, InformationAnswered(asked, InquiryAnswer.NOTHING_HELD, AnswerReason.UNSTATED))
    lost = say(loop, "USA", JPN_USA, SpillageReported(ITEM, SpillageKind.POSSIBLE_LOSS, loop.now, *WHO))
    say(loop, "USA", JPN_USA, SpillageReported(ITEM, SpillageKind.LOSS, loop.now, *WHO))
    steps = (SpillageStep.COPIES_RECOVERED,)
    say(loop, "USA", JPN_USA, SpillageConcluded(ITEM, lost, SpillageResult.RECOVERED, steps, *WHO))
    say(loop, "JPN", JPN_USA, FindingReported(asked, "policy.release", "no-agreement"))
    setup = loop.machines["JPN"].setup
    pages = tuple(loop.stored["JPN"])
    record = Record("JPN", loop.pins.lineage, loop.pins.realm, pages, receiving_secrets=setup.receiving_secrets)
    return audit([record], find_audit_pins(loop.pins), loop.suite, pact=loop.pact)


def test_json_has_each_request_and_incident(report: Report) -> None:
    """By what they are; the report that nothing was concluded on stands beside the one on which something was."""
    shown = report_as_json(report)["procedures"]
    assert isinstance(shown, dict)
    (way,) = shown["onward_requests"]
    (asked,) = shown["information_requests"]
    (told,) = shown["quarantine"]
    assert (way["item"], way["holder"], way["recipient"], way["state"]) == (ITEM.hex(), "USA", "KOR", "requested")
    assert (asked["party"], asked["state"], asked["items"]) == ("JPN", "nothing-held", [])
    assert (told["entry"], told["sender"], told["reader"]) == (asked["request"], "USA", "JPN")
    assert (told["state"], told["clause"]) == ("reported-to-its-sender", "policy.release")
    assert [(row["kind"], row["result"], row["by"] != "") for row in shown["spillages"]] == [
        ("possible-loss", "recovered", True),
        ("loss", "", False),
    ]
    assert {row["holder"] for row in shown["spillages"]} == {"USA"}


def test_people_read_a_line_for_each(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    """What it is, about what, whose, and where it stands; nothing where there is nothing."""
    assert report.procedures is not None
    print_requests(replace(report.procedures, onward=(), inquiries=(), quarantine=(), spillages=()))
    assert capsys.readouterr().out == ""
    print_requests(report.procedures)
    out = " ".join(capsys.readouterr().out.split())  # however wide the terminal is
    about, asked = ITEM[:8].hex(), report.procedures.inquiries[0].request[:8].hex()
    assert f"request to pass on {about} USA → KOR requested" in out
    assert f"request for information {asked} JPN nothing held" in out
    assert f"what should not have come {asked} USA → JPN reported to its sender [policy.release]" in out
    assert f"spillage {about} USA possible loss: recovered" in out
    assert f"spillage {about} USA loss: nothing concluded" in out


def test_what_was_let_out_outweighs_the_report_unless_it_counts_for_nothing() -> None:
    """In whatever order they stand; a release without a ground leaves the report (R53)."""
    entry = b"\x05" * 32
    told = stated(FindingReported(entry, "tisa-2014", "not-in-force"), author="KOR", audience=JPN_KOR, page=2)
    out = stated(QuarantineReleased(entry, "tisa-2014", *WHO), author="KOR", audience=JPN_KOR, page=1)
    said = say_again([told, out])
    (view,) = judge_quarantine(said, ())
    assert (view.state, view.sender, view.by) == ("let-out-of-quarantine", "", out.id)
    (view,) = judge_quarantine(said, {out.id})
    assert (view.state, view.by) == ("reported-to-its-sender", told.id)
