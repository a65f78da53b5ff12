"""Homes of every released format are opened, upgraded and kept whole; what is newer is refused and left alone."""

import hashlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import ComityError, OutageError, UsageError
from comity.crypto.production import ProductionSuite
from comity.machine.machine import Machine, Setup
from comity.node import upgrade as upgrade_module
from comity.node.ceremony import open_accepted
from comity.node.home import create_home, open_home
from comity.node.layout import LAYOUT, check_runnable, find_layout, find_store_format
from comity.node.realm_record import read_realm_record
from comity.node.store import Store
from comity.node.upgrade import STEPS, find_steps, upgrade_home
from comity.procedure.call import Acknowledged, ConsultationCalled
from comity.procedure.sharing import ItemShared
from kit.loop import NOON
from kit.nodes import CEREMONY
from kit.released import FORMATS, PARTY, PASSPHRASE, REALM, REALM_FOLDER, find_page_count, unpack_home

SUITE = ProductionSuite()
RELEASED = sorted(int(path.name) for path in FORMATS.iterdir())


@pytest.fixture(params=RELEASED)
def released(request: pytest.FixtureRequest) -> int:
    """The number of a released format."""
    number: int = request.param
    return number


@pytest.fixture
def home(released: int, tmp_path: Path) -> Path:
    """A home as a released version left it."""
    return unpack_home(tmp_path, format_=released)


def _digest(home: Path) -> Mapping[str, str]:
    """Every file with its bytes and permissions."""
    return {
        str(path.relative_to(home)): f"{path.stat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def _read_pages(home: Path) -> list[bytes]:
    store = Store(home / REALM_FOLDER / "store.db", party=PARTY)
    try:
        return list(store.read_all())
    finally:
        store.close()


def _restore(home: Path) -> Machine:
    """A machine on the home's store, as a node makes it."""
    accepted = open_accepted(open_home(home, passphrase=PASSPHRASE.encode()), realm=REALM, suite=SUITE)
    machine = Machine(
        Setup(
            party=PARTY, pact=accepted.pact, pact_digest=accepted.digest, pins=accepted.pins,
            secrets=accepted.secrets.node, certificate=accepted.certificate,
            receiving_secrets=(accepted.secrets.node.receiving,), suite=SUITE,
        )
    )  # fmt: skip
    machine.restore(_read_pages(home))
    return machine


def test_a_released_home_is_upgraded_with_every_page_as_it_was(home: Path, released: int) -> None:
    """The same bytes in the same order, the same statements opened from them, and nothing left beside."""
    before = list(read_realm_record(home / REALM_FOLDER).pages)
    assert len(before) == find_page_count(released)
    assert upgrade_home(home, party=PARTY, suite=SUITE) == LAYOUT == find_layout(home)
    assert _read_pages(home) == before
    machine = _restore(home)
    assert machine.is_in_force
    assert machine.statements.unopened_count == 0
    for kind in (ConsultationCalled, Acknowledged, ItemShared):
        assert len(machine.statements.find(kind)) == 1
    assert {path.name for path in (home / REALM_FOLDER).glob("store*")} == {"store.db"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in home.rglob("*"))


def test_an_upgraded_home_is_left_as_it_is(home: Path) -> None:
    """A second time there is nothing to do, and nothing is written."""
    upgrade_home(home, party=PARTY, suite=SUITE)
    check_runnable(home, home / REALM_FOLDER)
    before = _digest(home)
    assert find_steps(home) == ()
    assert upgrade_home(home, party=PARTY, suite=SUITE) == LAYOUT
    assert _digest(home) == before


def test_no_node_runs_on_an_older_layout(home: Path) -> None:
    """The operator passes that point, not a restart; reading is possible all the same."""
    with pytest.raises(UsageError, match=r"home\.layout-older"):
        check_runnable(home, home / REALM_FOLDER)
    assert open_home(home, passphrase=PASSPHRASE.encode()).find_realms() == (REALM,)


def test_a_newer_layout_is_refused_and_nothing_is_touched(home: Path) -> None:
    """By everything that opens a home."""
    (home / "home.toml").write_text('party = "JPN"\nunlock = "passphrase"\nlayout = 99\n')
    before = _digest(home)
    calls: list[Any] = [
        lambda: open_home(home),
        lambda: find_steps(home),
        lambda: upgrade_home(home, party=PARTY, suite=SUITE),
        lambda: check_runnable(home, home / REALM_FOLDER),
    ]
    for call in calls:
        with pytest.raises(UsageError, match=r"home\.layout-newer.*layout=99"):
            call()
    assert _digest(home) == before


def test_a_newer_store_is_refused_and_nothing_is_touched(home: Path) -> None:
    """Not even a table or a log beside it is made."""
    db = sqlite3.connect(home / REALM_FOLDER / "store.db")
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("UPDATE marks SET value = '99' WHERE name = 'format'")
    db.commit()
    db.close()
    (home / "home.toml").write_text(f'party = "JPN"\nunlock = "passphrase"\nlayout = {LAYOUT}\n')
    before = _digest(home)
    with pytest.raises(OutageError, match=r"store\.format-unknown.*99"):
        check_runnable(home, home / REALM_FOLDER)
    (home / "home.toml").write_text('party = "JPN"\nunlock = "passphrase"\n')
    with pytest.raises(OutageError, match=r"store\.format-unknown.*99"):
        upgrade_home(home, party=PARTY, suite=SUITE)
    (home / "home.toml").write_text(f'party = "JPN"\nunlock = "passphrase"\nlayout = {LAYOUT}\n')
    assert _digest(home) == before


def test_an_upgrade_that_fails_half_way_has_changed_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second store cannot be upgraded: the first is as it was, and the next try does it all."""
    other = home / "realms" / "real"
    other.mkdir()
    Store(other / "store.db", party=PARTY).close()
    before = _digest(home)
    change, calls = STEPS[-1].change_store, []

    def fail_second(copy: Path, party: str) -> None:
        calls.append(copy)
        if len(calls) == 2:
            raise OutageError("store.full")
        change(copy, party)

    broken = upgrade_module.Step(STEPS[-1].number, STEPS[-1].change_home, fail_second)
    monkeypatch.setattr(upgrade_module, "STEPS", (broken,))
    with pytest.raises(OutageError, match=r"store\.full"):
        upgrade_home(home, party=PARTY, suite=SUITE)
    assert len(calls) == 2
    assert _digest(home) == before
    monkeypatch.undo()
    assert upgrade_home(home, party=PARTY, suite=SUITE) == LAYOUT


def test_an_upgrade_that_was_killed_at_the_end_is_done_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stores are in their places and the layout is not named yet: no node runs, and a second run ends it."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    before = list(read_realm_record(home / REALM_FOLDER).pages)
    monkeypatch.setattr(upgrade_module, "_write_layout", die)
    with pytest.raises(KeyboardInterrupt):
        upgrade_home(home, party=PARTY, suite=SUITE)
    with pytest.raises(UsageError, match=r"home\.layout-older"):
        check_runnable(home, home / REALM_FOLDER)
    monkeypatch.undo()
    upgrade_home(home, party=PARTY, suite=SUITE)
    assert _read_pages(home) == before


def test_a_step_that_would_lose_a_page_stops_before_the_store_is_replaced(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own promise, checked on the copy."""

    def lose(copy: Path, _: str) -> None:
        db = sqlite3.connect(copy)
        db.execute("DELETE FROM pages WHERE seq = 3")
        db.commit()
        db.close()

    before = _digest(home)
    monkeypatch.setattr(upgrade_module, "STEPS", (upgrade_module.Step(2, lambda _: None, lose),))
    with pytest.raises(AssertionError, match="keeps every page"):
        upgrade_home(home, party=PARTY, suite=SUITE)
    assert _digest(home) == before


def test_a_home_whose_node_runs_is_not_upgraded(home: Path) -> None:
    """The store is that node's."""
    store = Store(home / REALM_FOLDER / "store.db", party=PARTY)
    with pytest.raises(OutageError, match=r"store\.locked"):
        upgrade_home(home, party=PARTY, suite=SUITE)
    store.close()
    assert find_layout(home) == 1


def test_a_new_home_has_the_layout_of_this_version(tmp_path: Path) -> None:
    """And its store the format; a file that is no store has none."""
    create_home(tmp_path / "h", party="USA", endpoints={}, passphrase=b"x", issued_at=NOON, suite=SUITE,
                ceremony=CEREMONY)  # fmt: skip
    assert find_layout(tmp_path / "h") == LAYOUT
    assert max(step.number for step in STEPS) == LAYOUT
    Store(tmp_path / "store.db", party="USA").close()
    assert find_store_format(tmp_path / "store.db") == "1"
    (tmp_path / "x.db").write_bytes(b"not a database" * 100)
    assert find_store_format(tmp_path / "x.db") is None
    assert find_store_format(tmp_path / "none.db") is None
    with pytest.raises(ComityError, match=r"home\.none"):
        find_layout(tmp_path)
