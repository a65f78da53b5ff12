"""What `comity status` says of the pact's versions."""

from typing import Any

import pytest

from comity.base.instants import Instant, format_dtg
from comity.cli.pact_standing import print_pact_standing

ONE, TWO, RIVAL, LOST = ("1a" * 32, "2b" * 32, "3c" * 32, "4d" * 32)
ENDS_AT = 1_800_000_000_000


def _version(number: int, digest: str, *, waits_for: tuple[str, ...] = (), rivals: tuple[str, ...] = ()) -> Any:
    return {"number": number, "digest": digest, "is_in_force": not waits_for, "waits_for": list(waits_for),
            "rivals": list(rivals)}  # fmt: skip


def _print(capsys: pytest.CaptureFixture[str], **changes: object) -> list[str]:
    view = {"version": 1, "has_left": False, "versions": [_version(1, ONE)], "versions_waiting": [],
            "versions_not_held": [], "withdrawals": []}  # fmt: skip
    print_pact_standing({**view, **changes})
    return capsys.readouterr().out.splitlines()


def test_of_a_pact_that_was_never_amended_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """One version, no notice."""
    assert _print(capsys) == []


def test_it_says_who_has_not_accepted_and_what_is_a_rival(capsys: pytest.CaptureFixture[str]) -> None:
    """Each version that waits, and each rival, by number and the beginning of the digest."""
    two = _version(2, TWO, waits_for=("KOR",), rivals=(RIVAL,))
    assert _print(capsys, versions=[_version(1, ONE), two]) == [
        "Version 1 is what this party goes by.",
        f"Version 2 ({TWO[:16]}) waits for KOR.",
        f"Version 2 ({TWO[:16]}) has a rival: {RIVAL[:16]}.",
    ]


def test_it_says_what_is_not_here_and_who_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole digest of a file that must be found; when a notice ends; and that this party is out."""
    notice = {"party": "USA", "id": ONE, "ends_at": ENDS_AT, "has_ended": False}
    assert _print(capsys, has_left=True, versions_not_held=[LOST], withdrawals=[notice]) == [
        "This party has left the pact.",
        f"Others go by a version that is not here: {LOST}. Accept its file.",
        f"USA has given notice that it leaves; the notice ends {format_dtg(Instant(ENDS_AT))}.",
    ]


def test_it_reminds_of_a_version_that_the_node_takes_at_its_next_start(capsys: pytest.CaptureFixture[str]) -> None:
    """Accepted while the node runs: by number, and what to do."""
    assert _print(capsys, versions_waiting=[{"number": 2, "digest": TWO}]) == [
        f"Version 2 ({TWO[:16]}) was accepted here. Restart the node to take it."
    ]
