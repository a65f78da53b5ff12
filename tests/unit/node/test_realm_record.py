"""Reading a store that somebody else is writing: whole transactions, in order, and never a mixture."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from comity.base.errors import OutageError, UsageError
from comity.crypto.production import ProductionSuite
from comity.node import realm_record
from comity.node.realm_record import find_pins_for_audit, is_realm_folder, read_realm_record
from comity.node.schema import _SCHEMA
from comity.pact.findings import PactRefused
from kit.homes import REALM, Homes

WRITER = """
import sqlite3, sys, time
from comity.node.schema import _SCHEMA
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA locking_mode = EXCLUSIVE")
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA wal_autocheckpoint = 8")
db.executescript(_SCHEMA)
db.execute("INSERT INTO marks VALUES ('format', '1')")
number = 0
while True:
    for _ in range(12):
        # Two rows of several database pages in one transaction: an odd count would be half of one.
        db.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            raw = number.to_bytes(8, "big") + bytes(9000)
            row = (number.to_bytes(32, "big"), b"", number, "A", "record", "A", 1, raw)
            db.execute("INSERT INTO pages (digest, journal, number, author, feed, audience, is_out, raw)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            number += 1
        db.execute("COMMIT")
    print(number, flush=True)
    time.sleep(0.15)
"""


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Three homes that were born."""
    made = Homes(tmp_path_factory.mktemp("homes"))
    made.be_born()
    made.write_stores()
    return made


def test_a_record_is_what_was_stored(homes: Homes) -> None:
    """The same bytes in the same order; holder, realm and lineage as the certificate says; the pact beside them."""
    record = read_realm_record(homes.realm_path("KOR"))
    assert record.pages == tuple(homes.stored["KOR"])
    assert (record.holder, record.realm, record.lineage) == ("KOR", REALM, homes.pins.lineage)
    assert record.pacts == (homes.pact_raw,)


def test_a_store_is_read_while_it_is_written(homes: Homes, tmp_path: Path) -> None:
    """Every copy holds whole transactions without a gap, at least those that were stored before it was asked for."""
    (tmp_path / "certificate").write_bytes((homes.realm_path("USA") / "certificate").read_bytes())
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "store.db")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None
        for _ in range(6):
            stored = int(writer.stdout.readline())
            numbers = [int.from_bytes(raw[:8], "big") for raw in read_realm_record(tmp_path).pages]
            assert numbers == list(range(len(numbers)))
            assert len(numbers) >= stored
            assert len(numbers) % 2 == 0
    finally:
        writer.kill()
        writer.communicate()


class _Pages:
    """A writer in this process whose steps a test decides."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(_SCHEMA)
        self._db.execute("INSERT INTO marks VALUES ('format', '1')")
        self.count = 0

    def write(self, count: int) -> None:
        for _ in range(count):
            raw = self.count.to_bytes(8, "big") + bytes(9000)
            row = (self.count.to_bytes(32, "big"), b"", self.count, "A", "record", "A", 1, raw)
            self._db.execute(
                "INSERT INTO pages (digest, journal, number, author, feed, audience, is_out, raw)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            self.count += 1

    def move_log(self) -> None:
        """Move the log into the store and begin it anew, as happens when it has grown."""
        self._db.execute("PRAGMA wal_checkpoint(RESTART)")
        self.write(1)


@pytest.mark.parametrize("moment", ["after the store was copied", "while the log was copied"])
def test_a_log_that_moves_while_it_is_copied_is_noticed(
    moment: str, homes: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Store and log of two different instants would make pages vanish; they are copied again until they are of one."""
    (tmp_path / "certificate").write_bytes((homes.realm_path("USA") / "certificate").read_bytes())
    pages = _Pages(tmp_path / "store.db")
    pages.write(20)
    copied: list[str] = []
    copy_file = realm_record._copy_file

    def copy_and_disturb(source: Path, target: Path) -> bytes:
        if moment.startswith("while") and source.name.endswith("-wal") and len(copied) < 2:
            pages.move_log()
        digest = copy_file(source, target)
        if moment.startswith("after") and not copied:
            pages.move_log()
        copied.append(source.name)
        return digest

    monkeypatch.setattr(realm_record, "_copy_file", copy_and_disturb)
    numbers = [int.from_bytes(raw[:8], "big") for raw in read_realm_record(tmp_path).pages]
    assert numbers == list(range(pages.count))
    assert len(copied) > 2


def test_a_store_that_never_rests_is_an_outage(homes: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Better no answer than one about a mixture."""
    (tmp_path / "certificate").write_bytes((homes.realm_path("USA") / "certificate").read_bytes())
    pages = _Pages(tmp_path / "store.db")
    monkeypatch.setattr(realm_record, "COPY_PAUSE_S", 0)
    copy_file = realm_record._copy_file

    def copy_and_disturb(source: Path, target: Path) -> bytes:
        pages.move_log()
        return copy_file(source, target)

    monkeypatch.setattr(realm_record, "_copy_file", copy_and_disturb)
    with pytest.raises(OutageError) as caught:
        read_realm_record(tmp_path)
    assert caught.value.code == "store.busy"


def test_a_folder_without_a_record_is_refused(homes: Homes, tmp_path: Path) -> None:
    """No store, no certificate, or a certificate that is another statement: nobody's record."""
    assert not is_realm_folder(tmp_path)
    store = homes.realm_path("JPN") / "store.db"
    (tmp_path / "store.db").write_bytes(store.read_bytes())
    for content in (None, b"", (homes.realm_path("JPN") / "links").read_bytes()):
        if content is not None:
            (tmp_path / "certificate").write_bytes(content)
        with pytest.raises(UsageError) as caught:
            read_realm_record(tmp_path)
        assert caught.value.code == "audit.no-record"


@pytest.mark.parametrize(
    ("content", "code"), [(b"not a database at all, but long enough to be looked at" * 20, "store.damaged")]
)
def test_a_damaged_store_has_its_code(homes: Homes, tmp_path: Path, content: bytes, code: str) -> None:
    """Whatever the bytes are, the answer is a record or a code."""
    (tmp_path / "certificate").write_bytes((homes.realm_path("JPN") / "certificate").read_bytes())
    (tmp_path / "store.db").write_bytes(content)
    with pytest.raises(OutageError) as caught:
        read_realm_record(tmp_path)
    assert caught.value.code == code


def test_pins_are_the_roots_of_the_pact_and_of_the_versions_before_it(homes: Homes) -> None:
    """A later version leads back to an earlier one only by its digest; a stranger adds nothing."""
    suite = ProductionSuite()
    first = homes.pact_raw
    pins = find_pins_for_audit(first, (), realm=REALM, suite=suite)
    assert (pins.lineage, pins.realm) == (homes.pins.lineage, REALM)
    assert {party: root.ed25519 for party, root in pins.parties.items()} == {
        party: bytes.fromhex(root.ed25519) for party, root in homes.pact.roots.items()
    }
    digest = suite.hash(first).hex()
    text = first.decode().replace("version = 1\n", f'version = 2\nprevious = "{digest}"\nlineage = "{digest}"\n', 1)
    other_key = "ab" * 32
    own_key = homes.pact.roots["JPN"].ed25519
    second = text.replace(own_key, other_key).encode()
    alone = find_pins_for_audit(second, (), realm=REALM, suite=suite)
    assert (alone.lineage, alone.parties["JPN"].ed25519.hex()) == (pins.lineage, other_key)
    together = find_pins_for_audit(second, (first,), realm=REALM, suite=suite)
    assert together.parties["JPN"].ed25519.hex() == own_key
    strangers = first.replace(own_key.encode(), b"cd" * 32)
    assert find_pins_for_audit(second, (strangers,), realm=REALM, suite=suite) == alone


def test_what_is_no_pact_pins_nothing(homes: Homes) -> None:
    """A damaged file is refused with its findings, a profile because it has no roots."""
    suite = ProductionSuite()
    with pytest.raises(PactRefused):
        find_pins_for_audit(homes.pact_raw[:5000], (), realm=REALM, suite=suite)
    profile = homes.pact_raw.split(b"\n[root.")[0]
    with pytest.raises(UsageError) as caught:
        find_pins_for_audit(profile, (), realm=REALM, suite=suite)
    assert caught.value.code == "pact.no-roots"
