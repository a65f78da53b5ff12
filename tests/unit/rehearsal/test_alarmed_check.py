"""The checker of alarms by itself: each thing that it finds, on bytes made for it (P90 to P92)."""

from types import SimpleNamespace
from typing import Any

import pytest

from comity.base.instants import Instant
from comity.procedure.alarm import AlarmEscalated, CalledOut, Outcome
from comity.procedure.entry import Entry
from comity.rehearsal.checks.alarmed import Alarmed
from comity.rehearsal.evidence import Said

CALL, FLASH, ROUTINE, ACK = (bytes([number]) * 32 for number in range(1, 5))
EVERYBODY = ("JPN", "KOR", "USA")


class _Trial(SimpleNamespace):
    """A run of three honest parties, as far as the checker looks at it."""

    def __init__(self) -> None:
        pact = b'[policy.acknowledge]\nroles = ["watch-officer"]\n'
        super().__init__(cast=SimpleNamespace(parties=EVERYBODY, pact_raw=pact), honest=EVERYBODY, liars=frozenset(),
                         crimes=SimpleNamespace(robbed=""), found=[], disks={})  # fmt: skip

    def report(self, code: str, party: str, **_: object) -> None:
        self.found.append((code, party))

    def is_honest(self, _reading: Any) -> bool:
        return True

    def read_disk(self, party: str) -> list[Any]:
        return list(self.disks.get(party, []))


def _page(
    author: str, number: int, *said: tuple[bytes, str, tuple[object, ...]], to: tuple[str, ...] = EVERYBODY
) -> Any:
    journal = SimpleNamespace(author=author, audience=to)
    header = SimpleNamespace(journal=journal, number=number)
    page: Any = SimpleNamespace(header=header, journal=(author, to), digest=(author, to, number), said=[])
    page.said = [Said(id_, type_, fields, b"", index, page) for index, (id_, type_, fields) in enumerate(said)]
    return page


CALLED = (CALL, "ConsultationCalled", ("C1",))
SENT = (FLASH, "MessageSent", ("hotline.nsc", "watch", "flash"))
CALM = (ROUTINE, "MessageSent", ("hotline.nsc", "watch", "routine"))
DECLINED = (ACK, "CallDeclined", (CALL, "unstated"))
UNDONE = (b"u" * 32, "AcknowledgementWithdrawn", (CALL, ACK))
ACKNOWLEDGED = (ACK, "Acknowledged", (CALL, "watch-officer", "duty-1"))


def _escalated(alert: bytes, step: int = 1) -> tuple[bytes, str, tuple[object, ...]]:
    return (b"e" * 32, "AlarmEscalated", (alert, step, ["watch-officer"], [], 5))


def _step(alert: bytes, step: int = 1) -> Entry:
    return AlarmEscalated(alert, step, ("watch-officer",), ("duty-1",), Instant(5))


def _watch(*pages: Any) -> tuple[_Trial, Alarmed]:
    trial: Any = _Trial()
    check = Alarmed(trial)
    check.on_durable("USA", pages)
    trial.disks["USA"] = list(pages)
    return trial, check


@pytest.mark.parametrize(
    ("pages", "entry", "found"),
    [
        ([_page("JPN", 0, CALLED)], _step(CALL), ""),
        ([_page("JPN", 0, SENT)], _step(FLASH), ""),
        ([_page("JPN", 0, CALLED), _page("USA", 0, ACKNOWLEDGED)], _step(CALL), "answered"),
        ([_page("JPN", 0, CALLED), _page("USA", 0, (ACK, "Acknowledged", (CALL, "visitor", "x")))], _step(CALL), ""),
        ([_page("JPN", 0, CALLED), _page("KOR", 0, ACKNOWLEDGED)], _step(CALL), ""),
        ([_page("JPN", 0, CALLED), _page("USA", 0, DECLINED)], _step(CALL), "answered"),
        (
            [_page("JPN", 0, CALLED), _page("USA", 0, ACKNOWLEDGED, UNDONE)],
            _step(CALL),
            "",
        ),
        ([_page("JPN", 0, SENT, (b"w" * 32, "EntryWithdrawn", (FLASH, "mistake")))], _step(FLASH), "taken-back"),
        ([_page("JPN", 0, SENT), _page("KOR", 0, (b"w" * 32, "EntryWithdrawn", (FLASH, "mistake")))], _step(FLASH), ""),
        ([_page("JPN", 0, SENT), _page("JPN", 2, (b"w" * 32, "EntryWithdrawn", (FLASH, "mistake")))], _step(FLASH), ""),
        ([_page("JPN", 0, CALLED), _page("USA", 0, _escalated(CALL), to=("USA",))], _step(CALL), "called-twice"),
        ([_page("JPN", 0, CALLED), _page("USA", 0, _escalated(CALL), to=("USA",))], _step(CALL, 2), ""),
        (
            [_page("JPN", 0, CALLED), _page("USA", 0, _escalated(CALL), to=("USA",))],
            CalledOut(CALL, 1, "mail", Outcome.SENT, 1, Instant(6)),
            "",
        ),
        ([_page("JPN", 0, CALLED)], CalledOut(CALL, 1, "mail", Outcome.SENT, 1, Instant(6)), "called-out-of-nothing"),
    ],
)  # fmt: skip
def test_a_node_calls_about_what_nobody_has_answered(pages: list[Any], entry: Entry, found: str) -> None:
    """What is answered, taken back or called already is found at the moment at which a node is told to note it."""
    trial, check = _watch(*pages)
    check.on_said("USA", 1, (entry,), ())
    assert trial.found == ([(f"alarmed.{found}", "USA")] if found else [])


@pytest.mark.parametrize("alert", [ROUTINE, b"?" * 32])
def test_what_was_called_about_is_there_and_alarms(alert: bytes) -> None:
    """A note is durable after what it is about; a routine message alarms nobody."""
    trial, _ = _watch(_page("JPN", 0, CALM), _page("USA", 0, _escalated(alert), to=("USA",)))
    assert trial.found == [("alarmed.of-nothing", "USA")]


def test_a_note_that_others_read_is_found() -> None:
    """In whose journal it stands decides, whatever it says."""
    trial, check = _watch(_page("JPN", 0, CALLED), _page("USA", 0, _escalated(CALL), to=("JPN", "USA")))
    check.finish()
    assert ("alarmed.told", "USA") in trial.found


def test_no_officer_notes_it() -> None:
    """It is the node's own word."""
    trial, check = _watch(_page("JPN", 0, CALLED))
    check.on_said("USA", 1, (_step(CALL),), ((object(),),))  # type: ignore[arg-type]
    assert trial.found == [("alarmed.of-an-officer", "USA")]


def test_who_forgot_is_not_asked_until_it_starts_anew() -> None:
    """A disk that lost pages may have lost the answer."""
    trial, check = _watch(_page("JPN", 0, CALLED), _page("USA", 0, ACKNOWLEDGED))
    lossy: Any = SimpleNamespace(lost=(object(),), may_be_old=False)
    whole: Any = SimpleNamespace(lost=(), may_be_old=False)
    check.on_start("USA", lossy, Instant(0))
    check.on_said("USA", 1, (_step(CALL),), ())
    assert trial.found == []
    check.on_start("USA", whole, Instant(0))
    check.on_said("USA", 1, (_step(CALL),), ())
    assert trial.found == [("alarmed.answered", "USA")]
