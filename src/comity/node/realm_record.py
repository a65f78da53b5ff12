"""Reads what a home stored in one realm as a record for an audit, whether or not its node is running.

A running node holds its store locked, so that a second node cannot write; and an audit must never write. The store is
therefore copied and the copy read. SQLite keeps the newest transactions in a second file (the write-ahead log) until
they are moved into the first, so the two are copied together or not at all: the store is read, then the log, then both
are compared with what they are by then. If the store and the log's header are still the same, nothing was moved in
between, and the copy is what the store was at one instant; a transaction half written at the end of the log is not
yet stored, and SQLite passes over it.

Never call this within the process of the node itself: closing a copied file would drop that process's lock on it.

Whose record it is, and of which realm and pact, is what the realm's certificate says; nothing here is believed later.
"""

import contextlib
import hashlib
import sqlite3
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from comity.audit.record import Pins, Record, RootKeys
from comity.audit.statement import Certificate, decode_statement
from comity.base.errors import OutageError, RemoteError, UsageError
from comity.base.limits import PACT_SIZE_BYTES_MAX, STATEMENT_SIZE_BYTES_MAX
from comity.base.names import Party, Realm
from comity.crypto.suite import Suite
from comity.node.schema import FORMAT, find_bytes
from comity.node.store_file import FAULTS
from comity.node.versions import PACT_FILE, VERSIONS_FOLDER
from comity.pact.model import Pact
from comity.pact.parse import pact_digest, pact_lineage, parse_pact

__all__ = ["find_pins_for_audit", "is_realm_folder", "read_realm_record"]

STORE_FILE: Final = "store.db"
CERTIFICATE_FILE: Final = "certificate"
COPY_COUNT_MAX: Final = 20
"""Attempts to copy a store that is being written; a busy node moves its log a few times a second at most."""
COPY_PAUSE_S: Final = 0.1
_CHUNK_SIZE_BYTES: Final = 1024 * 1024
_LOG_HEADER_SIZE_BYTES: Final = 32


def is_realm_folder(path: Path) -> bool:
    """Tell whether a folder holds a realm's store."""
    return (path / STORE_FILE).is_file()


def read_realm_record(path: Path) -> Record:
    """Return everything stored in a realm's folder, in the order in which it was stored.

    Raises:
        UsageError: `audit.no-record` where the folder has no store, or no certificate that names its party;
            `file.unreadable`.
        OutageError: `store.damaged`, `store.busy`, `store.format-unknown`.
    """
    certificate = _read_certificate(path)
    try:
        with tempfile.TemporaryDirectory(prefix="comity-audit-") as folder:
            copy = Path(folder) / STORE_FILE
            _copy_store(path / STORE_FILE, copy)
            pages = _read_pages(copy)
    except PermissionError as error:
        raise UsageError("file.unreadable", file=str(path / STORE_FILE)) from error
    files = [path / PACT_FILE, *sorted((path / VERSIONS_FOLDER).glob("*.toml"))]
    return Record(
        holder=certificate.party,
        lineage=certificate.lineage,
        realm=certificate.realm,
        pages=pages,
        pacts=tuple(_read_some(file, PACT_SIZE_BYTES_MAX) for file in files if file.is_file()),
    )


def _read_certificate(path: Path) -> Certificate:
    try:
        statement = decode_statement(_read_some(path / CERTIFICATE_FILE, STATEMENT_SIZE_BYTES_MAX))
    except (OSError, RemoteError) as error:
        raise UsageError("audit.no-record", path=str(path)) from error
    if not isinstance(statement.body, Certificate) or not is_realm_folder(path):
        raise UsageError("audit.no-record", path=str(path))
    return statement.body


def _read_some(path: Path, size_bytes_max: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size_bytes_max + 1)


def _copy_store(store: Path, copy: Path) -> None:
    """Copy store and log as they were at one instant; see above."""
    log, log_copy = store.with_name(store.name + "-wal"), copy.with_name(copy.name + "-wal")
    for _ in range(COPY_COUNT_MAX):
        digest = _copy_file(store, copy)
        header = _read_log_header(log)
        with contextlib.suppress(FileNotFoundError):
            log_copy.unlink(missing_ok=True)
            _copy_file(log, log_copy)
        if _read_log_header(log) == header and _hash_file(store) == digest:
            return
        time.sleep(COPY_PAUSE_S)
    raise OutageError("store.busy", path=str(store))


def _copy_file(source: Path, target: Path) -> bytes:
    hashed = hashlib.sha256()
    with source.open("rb") as given, target.open("wb") as taken:
        while chunk := given.read(_CHUNK_SIZE_BYTES):
            hashed.update(chunk)
            taken.write(chunk)
    return hashed.digest()


def _hash_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _read_log_header(log: Path) -> bytes:
    """Return the log's header, which changes whenever the log is begun anew; empty where there is none."""
    try:
        with log.open("rb") as file:
            return file.read(_LOG_HEADER_SIZE_BYTES)
    except FileNotFoundError:
        return b""


def _read_pages(store: Path) -> tuple[bytes, ...]:
    try:
        with contextlib.closing(sqlite3.connect(store)) as db:
            found = db.execute("SELECT value FROM marks WHERE name = 'format'").fetchone()
            if found is None or found[0] != FORMAT:
                raise OutageError("store.format-unknown", format="" if found is None else str(found[0])[:20])
            rows = db.execute("SELECT raw FROM pages WHERE raw != x'' ORDER BY seq")
            return tuple(find_bytes(raw) for (raw,) in rows)
    except FAULTS as error:
        raise OutageError("store.damaged", path=store.name) from error


def find_pins_for_audit(raw: bytes, others: Iterable[bytes], *, realm: Realm, suite: Suite) -> Pins:
    """Return what a trusted pact file pins, with the roots of the versions before it that are among `others`.

    A version counts only if the version after it names its digest, so that trust goes backwards along the chain. Of a
    party in several versions the earliest root is kept: from there successions lead on (S11).

    Raises:
        PactRefused: `raw` is no pact.
        UsageError: `pact.no-roots` for a profile.
    """
    pact = parse_pact(raw)
    lineage = pact_lineage(pact, pact_digest(raw, suite))
    by_digest = {suite.hash(other): other for other in others}
    roots: dict[Party, RootKeys] = {}
    version: Pact | None = pact
    while version is not None:
        if set(version.roots) != set(version.audience):
            raise UsageError("pact.no-roots")
        for party, root in version.roots.items():
            roots[party] = RootKeys(
                bytes.fromhex(root.ed25519), bytes.fromhex(root.mldsa65), bytes.fromhex(root.next_root_digest)
            )
        before = by_digest.pop(bytes.fromhex(version.identity.previous or ""), None)
        version = None if before is None else parse_pact(before)
    return Pins(lineage, realm, dict(sorted(roots.items())))
