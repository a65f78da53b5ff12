"""A day of the warning feed as a bundle (J20): what this party kept, own pages and others', with the keys' pages (W70).

It is made beside a running node: the file of kept pages and the store are read, and nothing is written but the bundle.
In it are the pact's versions, the genesis pages, which say whose signatures count, the pages of the span, and of each
epoch that these are sealed under the key pages, though they were written before. No secret is in it: whoever has a
reader's receiving key opens what that reader may read. Anchors stand in the record: with `is_whole` all of it is put
in, and the one file proves itself.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.limits import BUNDLE_SIZE_BYTES_MAX
from comity.crypto.label import label
from comity.crypto.suite import Suite
from comity.journal.bundle import BUNDLE_FORMAT, MAGIC, BundleHead, encode_end, encode_frame
from comity.journal.header import Feed, Header, Kind, parse_page
from comity.node.durable import sync_folder
from comity.node.feed.kept import FEED_FILE
from comity.node.feed.kept_beside import read_key_pages, read_span
from comity.node.realm_record import read_realm_record

__all__ = ["Archived", "write_archive"]


@dataclass(slots=True)
class Archived:
    """What was written: pages of the feed by author, key pages from before the span, pages of the record, bytes."""

    pages: dict[str, int]
    key_page_count: int = 0
    record_page_count: int = 0
    size_bytes: int = 0

    @property
    def page_count(self) -> int:
        """All pages of the feed within the span."""
        return sum(self.pages.values())


class _Writer:
    """Writes frames to a file that was not there before, and at its end what they come to."""

    def __init__(self, path: Path) -> None:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise UsageError("cli.file-there", path=str(path)) from error
        except OSError as error:
            raise UsageError("file.unreadable", file=str(path)) from error
        self._file = os.fdopen(descriptor, "wb")
        self._hash = hashlib.sha256(label("bundle"))
        self._count = 0
        self.size_bytes = self._file.write(MAGIC)

    def add(self, type_: str, payload: bytes) -> None:
        """Write one frame.

        Raises:
            UsageError: `warning.archive-too-large`.
        """
        frame = encode_frame(type_, payload)
        self._hash.update(frame)
        self._count += 1
        self.size_bytes += self._file.write(frame)
        if self.size_bytes > BUNDLE_SIZE_BYTES_MAX - 1024:
            raise UsageError("warning.archive-too-large", size_bytes_max=BUNDLE_SIZE_BYTES_MAX)

    def end(self) -> None:
        """Write the end, durably."""
        self.size_bytes += self._file.write(encode_end(self._count, self._hash.digest()))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def write_archive(
    folder: Path, out: Path, *, from_at: Instant, until_at: Instant, at: Instant, suite: Suite, is_whole: bool = False
) -> Archived:
    """Write what was kept of the feed from one instant to before another into a new file.

    Raises:
        UsageError: `cli.file-there` for a file that is there; `warning.nothing-kept`; `warning.archive-too-large`;
            as `read_realm_record`.
        OutageError: `store.damaged`, `store.busy`.
    """
    kept = folder / FEED_FILE
    if not kept.is_file():
        raise UsageError("warning.nothing-kept")
    record = read_realm_record(folder)
    writer, archived = _Writer(out), Archived({})
    try:
        writer.add("head", encode(BundleHead(BUNDLE_FORMAT, record.lineage, record.realm, record.holder, at)))
        for raw in sorted(record.pacts):
            writer.add("pact", raw)
        for raw in record.pages:
            if is_whole or _is_genesis(raw, suite):
                writer.add("page", raw)
                archived.record_page_count += 1
        for raw in _find_pages(kept, from_at, until_at, suite, archived):
            writer.add("page", raw)
        _check_something(archived)
        writer.end()
    except BaseException:
        writer.close()
        out.unlink(missing_ok=True)
        raise
    sync_folder(out.parent)
    archived.size_bytes = writer.size_bytes
    return archived


def _find_pages(kept: Path, from_at: Instant, until_at: Instant, suite: Suite, archived: Archived) -> Iterator[bytes]:
    """Yield the pages of a span, then the key pages from before it that open them."""
    wanted: set[tuple[bytes, int]] = set()
    for header, journal, raw in _read_headers(read_span(kept, from_at=from_at, until_at=until_at), suite):
        author = header.journal.author
        archived.pages[author] = archived.pages.get(author, 0) + 1
        if header.kind is Kind.ENTRIES:
            wanted.add((journal, header.epoch))
        yield raw
    for header, journal, raw in _read_headers(read_key_pages(kept, until_at=from_at), suite):
        if (journal, header.epoch) in wanted:
            archived.key_page_count += 1
            yield raw


def _read_headers(raws: Iterable[bytes], suite: Suite) -> Iterator[tuple[Header, bytes, bytes]]:
    for raw in raws:
        page = parse_page(raw, suite)
        yield page.header, page.journal, raw


def _check_something(archived: Archived) -> None:
    if not archived.pages:
        raise UsageError("warning.nothing-kept")


def _is_genesis(raw: bytes, suite: Suite) -> bool:
    return parse_page(raw, suite).header.journal.feed is Feed.GENESIS
