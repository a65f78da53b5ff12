"""What of the audit's findings a liar or a thief must come to, and what stays a fault though there is one."""

from types import SimpleNamespace
from typing import Any

import pytest

from comity.audit import Finding
from comity.audit.finding import KINDS, Witness
from comity.audit.form import JournalId
from comity.rehearsal import evidence
from comity.rehearsal.checks.excused import BY_WITNESS, OF_LIARS, OF_THIEVES, is_excused

ALL = ("JPN", "KOR", "USA")
FIRST_FORGED = 12


def _name(author: str, *, incarnation: int = 0) -> JournalId:
    return JournalId(bytes(32), "exercise/kit", "record", author, ALL, incarnation)


def _reading(author: str, number: int, digest: bytes, *, incarnation: int = 0) -> Any:
    journal = evidence.JournalId(bytes(32), "exercise/kit", "record", author, ALL, incarnation)
    header = SimpleNamespace(journal=journal, number=number)
    return SimpleNamespace(header=header, digest=digest)


class _Trial:
    """JPN lies, KOR was robbed, and USA is honest; the thief's first page to all has the number 12."""

    liars = frozenset({"JPN"})
    honest = ("KOR", "USA")
    crimes = SimpleNamespace(robbed="KOR", forged={b"forged"})
    pages = (_reading("USA", 3, b"honest"), _reading("JPN", 3, b"lie"), _reading("KOR", FIRST_FORGED, b"forged"))

    def read_disk(self, _party: str) -> tuple[Any, ...]:
        return self.pages

    def is_honest(self, reading: Any) -> bool:
        return bool(reading.digest == b"honest")

    def was_written(self, digest: bytes) -> bool:
        return digest == b"honest"

    def find_disk(self, party: str) -> Any:
        """USA's clock only ran on; that of the party called Back was set back."""
        pages = [
            SimpleNamespace(header=SimpleNamespace(journal=_name(party), written_at=at))
            for at in ((1, 3, 2) if party == "BACK" else (1, 2, 3))
        ]
        return SimpleNamespace(aside=[], is_restored=False, pages=pages)


def _is_excused(code: str, author: str, *, number: int = 3, witness: bytes = b"", **more: Any) -> bool:
    seen = Witness(_name("USA"), 1, witness, 0) if witness else None
    incarnation = more.pop("incarnation", 0)
    finding = Finding(code, "USA", _name(author, incarnation=incarnation), number, seen, more)
    return is_excused(_Trial(), finding)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "code", ["bytes.not-canonical", "page.malformed", "page.body-digest", "page.other-realm", "statement.signature"]
)
def test_what_an_honest_door_refuses_is_no_liars_doing_where_it_is_stored(code: str) -> None:
    """It came to a door, and nobody honest keeps it: where the audit finds it, a door was open."""
    assert code in KINDS
    assert not _is_excused(code, "JPN")


def test_a_liars_rivals_are_excused_and_an_honest_partys_are_not() -> None:
    """The same finding, about two authors."""
    assert _is_excused("page.forked", "JPN")
    assert not _is_excused("page.forked", "USA")


def test_a_robbed_partys_word_from_before_the_thief_is_held_to_all_rules() -> None:
    """So is that of its next key; and a thief who writes well-made pages seals no bad entry."""
    assert _is_excused("page.forked", "KOR", number=FIRST_FORGED)
    assert not _is_excused("page.forked", "KOR", number=FIRST_FORGED - 1)
    assert not _is_excused("page.forked", "KOR", number=FIRST_FORGED, incarnation=1)
    assert not _is_excused("entry.malformed", "KOR", number=FIRST_FORGED)
    assert _is_excused("tail.lost", "KOR", number=FIRST_FORGED - 2, last=FIRST_FORGED)


def test_a_cut_kept_short_is_a_fault_unless_the_order_of_pages_is_mixed_up() -> None:
    """By a liar, a thief or a clock that was set back; an honest node whose clock ran on keeps none short (R57)."""
    assert not _is_excused("release.cut-short", "USA")
    assert not _is_excused("release.cut-short", "KOR", incarnation=1)
    for author in ("JPN", "KOR", "BACK"):
        assert _is_excused("release.cut-short", author)


def test_only_a_witness_that_no_honest_node_wrote_is_false() -> None:
    """An honest page that names what somebody lost is proof against him, liar in the run or not."""
    assert _is_excused("tail.lost", "USA", witness=b"lie")
    assert not _is_excused("tail.lost", "USA", witness=b"honest")
    assert not _is_excused("page.disputed", "USA", witness=b"lie")


def test_an_honest_page_that_waits_for_a_certificate_is_a_fault() -> None:
    """Anybody may have made one that waits; not one that an honest node wrote."""
    assert _is_excused("page.stranger", "JPN")
    assert not _is_excused("page.stranger", "USA")


def test_the_lists_name_findings_that_there_are() -> None:
    """A code that is renamed must not go on being excused under its old name."""
    assert KINDS.keys() >= OF_LIARS | OF_THIEVES | BY_WITNESS


@pytest.mark.parametrize("code", ["quarantine.no-ground", "release.unpermitted"])
def test_a_ground_that_was_disowned_with_a_thiefs_pages_is_nobodys_fault(code: str) -> None:
    """Seed 117: KOR said that an agreement runs again, its officer let an item out of quarantine on that, and then its
    stolen key was replaced by one that disowned the statement. Where it stands, the finding is a fault.
    """

    class _Stands(_Trial):
        def __init__(self, *, counts: bool) -> None:
            row = SimpleNamespace(author="KOR", counts=counts)
            statements = SimpleNamespace(find=lambda *_: (row,), all=())
            self.stations = dict.fromkeys(self.honest, SimpleNamespace(machine=SimpleNamespace(statements=statements)))

    finding = Finding(code, "USA", _name("KOR"), FIRST_FORGED - 1, None, {})
    assert is_excused(_Stands(counts=False), finding)  # type: ignore[arg-type]
    assert not is_excused(_Stands(counts=True), finding)  # type: ignore[arg-type]
