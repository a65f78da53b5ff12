"""The silence checker by itself: each way in which a silence can lack its proof has its name."""

import hashlib

import pytest

from comity.base.encoding import encode
from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Party
from comity.crypto.label import label
from comity.rehearsal.cast import make_cast, read_profile
from comity.rehearsal.checks import Trial
from comity.rehearsal.checks.silence import SilenceProved
from comity.rehearsal.evidence import ENTRIES, Evidence, Header, JournalId, Reading, Said
from comity.rehearsal.standin import StandInSuite

OPENED_AT = Instant(1_702_855_440_000)
UNTIL_AT = OPENED_AT + 10 * MINUTE_MS
KEPT_AT = UNTIL_AT + 2_000
NOTICE_MS = 6 * MINUTE_MS
ALL = ("JPN", "KOR", "USA")
TEXT = b"\x01" * 32
BODY = (("USA", "USA", "USA-U", ("dprk-missile",), ()), (("en", "Played."),))
VERSION = hashlib.sha256(label("text-version") + encode((TEXT, (), BODY))).digest()


def _say(author: Party, number: int, at: int, type_: str, *fields: object, incarnation: int = 0) -> Said:
    journal = JournalId(b"\x22" * 32, "exercise/rehearsal", "record", author, ALL, incarnation)
    header = Header(1, 1, ENTRIES, b"", journal, number, b"", at, b"", 1, 1, b"", b"", [], [])
    page = Reading(b"", header, f"{author}{number}".encode(), f"{author}/{incarnation}".encode())
    said = Said(f"{author}/{number}".encode(), type_, fields, b"", 0, page)
    page.said.append(said)
    return said


def _story(*changed: Said, without: tuple[str, ...] = ()) -> list[Said]:
    """USA asks for silence; KOR has the text in time. `changed` are further words, `without` types left out."""
    story = [
        _say("USA", 1, OPENED_AT, "TextVersionProposed", TEXT, (), BODY),
        _say("USA", 2, OPENED_AT, "SilenceProposed", TEXT, VERSION, UNTIL_AT, 0),
        _say("KOR", 1, OPENED_AT + 1_000, "TextReceived", TEXT, VERSION, UNTIL_AT),
    ]
    return [row for row in (*story, *changed) if row.type not in without]


def _find(said: list[Said], *, kept_at: int = KEPT_AT, up_since_at: int = OPENED_AT - 1, incarnation: int = 0) -> str:
    number = 0 if incarnation else 50
    kept = _say("KOR", number, kept_at, "SilenceKept", TEXT, VERSION, UNTIL_AT, up_since_at, incarnation=incarnation)
    policy = (("policy.silence.kept_by_machine", True), ("policy.silence.window_ms_min", NOTICE_MS))
    cast = make_cast(read_profile("camp-david"), policy, not_before_at=OPENED_AT)
    trial = Trial(cast, Evidence(StandInSuite()), {}, OPENED_AT)
    return SilenceProved(trial)._find_fault(kept, [*said, kept])


_LATE = _say("KOR", 2, UNTIL_AT - NOTICE_MS + 1, "TextReceived", TEXT, VERSION, UNTIL_AT)


def test_a_proved_silence_has_no_fault() -> None:
    """Asked, received in time, up, not held, not broken, not too early."""
    assert _find(_story()) == ""


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (_story(without=("SilenceProposed",)), "kept-without-question"),
        (_story(without=("TextReceived",)), "kept-without-receipt"),
        ([*_story(without=("TextReceived",)), _LATE], "kept-without-receipt"),
        (_story(_say("KOR", 3, OPENED_AT, "SilenceBroken", TEXT, VERSION, "objection", "r", "o")), "kept-after-break"),
        (_story(_say("KOR", 3, OPENED_AT, "SilenceHeld", TEXT, VERSION, "r", "o")), "kept-while-held"),
    ],
)
def test_each_missing_proof_has_its_name(said: list[Said], fault: str) -> None:
    """The checker's own reading of P16 to P19."""
    assert _find(said) == fault


def test_a_lifted_hold_a_foreign_break_and_a_foreign_receipt_change_nothing() -> None:
    """Only the party's own word counts, for it and against it."""
    lifted = (
        _say("KOR", 3, OPENED_AT, "SilenceHeld", TEXT, VERSION, "r", "o"),
        _say("KOR", 4, OPENED_AT, "HoldLifted", TEXT, VERSION, "r", "o"),
        _say("JPN", 1, OPENED_AT, "SilenceBroken", TEXT, VERSION, "objection", "r", "o"),
    )
    assert _find(_story(*lifted)) == ""
    foreign = _say("JPN", 1, OPENED_AT, "TextReceived", TEXT, VERSION, UNTIL_AT)
    assert _find([*_story(without=("TextReceived",)), foreign]) == "kept-without-receipt"


def test_a_silence_kept_too_early_or_by_a_node_that_was_down_is_none() -> None:
    """At or after S plus the skew, and up over the notice."""
    assert _find(_story(), kept_at=KEPT_AT - 1) == "kept-too-early"
    assert _find(_story(), up_since_at=UNTIL_AT - NOTICE_MS + 1) == "kept-while-down"


def test_setting_the_clock_back_gains_nothing() -> None:
    """A receipt counts at the latest clock of the party's words in the text before it (P17)."""
    late = _say("KOR", 0, UNTIL_AT, "TextAmendmentProposed", TEXT, VERSION, BODY)
    assert _find(_story(late)) == "kept-without-receipt"


def test_a_new_incarnation_goes_on_from_what_was_said_before() -> None:
    """Found in rehearsal: after a key was replaced, receipt and hold stand in the journal before (P2)."""
    assert _find(_story(), incarnation=1) == ""
    held = _say("KOR", 3, OPENED_AT, "SilenceHeld", TEXT, VERSION, "r", "o")
    assert _find(_story(held), incarnation=1) == "kept-while-held"
