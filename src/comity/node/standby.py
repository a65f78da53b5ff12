"""A standby: one more reader of everything that a party may read (docs/spec/transport.md, T28).

Its home is a restored backup of the primary's, with a file that says so: no node runs on it until it is promoted
(`promotion`). It asks the primary for the rows of its store, as the party's own reader, and keeps them in the same
order: the place of an own page in its stream is its sequence in the outbox.

Every page is checked against the digest that the primary names for it, and signatures when the store is folded. Where
the primary's store is no longer the one that was followed, everything is asked for anew; what is here stays.
"""

import json
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from comity.base.errors import RemoteError, UsageError
from comity.base.instants import Instant
from comity.base.limits import ENDPOINT_COUNT_MAX
from comity.base.names import Digest, Realm
from comity.crypto.suite import Suite
from comity.journal.header import Page, parse_page
from comity.node.home import write_private
from comity.node.log import note
from comity.node.outbox import Link
from comity.node.reach import parse_endpoint
from comity.node.standby_answer import Asked, Rows, join_acts, join_ids, join_rows, join_whole_blob
from comity.node.store import Store
from comity.node.wire import Endpoint
from comity.procedure.blob import find_blob_id

__all__ = ["STANDBY_FILE", "Follower", "is_standby", "keep_standby", "read_primary"]

STANDBY_FILE: Final = "standby.toml"
FOLLOWED: Final = "followed"
"""The name under which the store keeps up to which row of the primary's store it follows."""
REQUEST_TIMEOUT_MS: Final = 10_000


def is_standby(realm_path: Path) -> bool:
    """Tell whether a realm's folder is a standby's."""
    return (realm_path / STANDBY_FILE).exists()


def keep_standby(realm_path: Path, primary: Sequence[str]) -> None:
    """Make a realm's folder a standby's; `primary` is where the primary's outbox is reached.

    Raises:
        UsageError: `home.reach-malformed`.
    """
    for text in primary:
        parse_endpoint(text)
    write_private(realm_path / STANDBY_FILE, f"primary = {json.dumps(list(primary))}\n".encode())


def read_primary(realm_path: Path) -> tuple[Endpoint, ...]:
    """Return where the primary's outbox is reached; empty where the card says it.

    Raises:
        UsageError: `standby.none`; `home.reach-malformed`.
    """
    try:
        rows = tomllib.loads((realm_path / STANDBY_FILE).read_text(encoding="utf-8"))["primary"]
    except FileNotFoundError as error:
        raise UsageError("standby.none") from error
    except (OSError, ValueError, KeyError) as error:
        raise UsageError("home.reach-malformed") from error
    if not isinstance(rows, list) or len(rows) > ENDPOINT_COUNT_MAX or not all(isinstance(row, str) for row in rows):
        raise UsageError("home.reach-malformed")
    return tuple(map(parse_endpoint, rows))


class Follower:
    """Keeps a standby's store up with the primary's, one request at a time."""

    def __init__(self, link: Link, store: Store, *, lineage: bytes, realm: Realm, suite: Suite) -> None:
        self._link = link
        self._store = store
        self._lineage = lineage
        self._realm = realm
        self._suite = suite
        self._asked = Asked.make(suite)
        self._last_act = 0

    async def follow(self, *, at: Instant) -> int:
        """Fetch and store the next rows; return how many pages the primary has that are not here.

        Raises:
            OutageError: `link.unavailable`, `link.no-answer`; `store.full`.
            RemoteError: `link.page-answer` where what came is not what the primary names.
        """
        after, digest = self._find_followed()
        found = join_rows(await self._ask(self._asked.rows, after=after))
        if found.before != digest:
            note("standby.other-store")
            self._store.set_mark(FOLLOWED, "0 ")
            return found.behind + len(found.rows)
        if found.rows:
            self._store.commit(self._check(found), (), at=at)
            last, last_digest, _ = found.rows[-1]
            self._store.set_mark(FOLLOWED, f"{last} {last_digest.hex()}")
        return found.behind

    async def catch_up(self, *, at: Instant, step: Callable[[int], None] = lambda _: None) -> int:
        """Follow as far as there is something to follow; return how many pages the primary has that are not here.

        `step` hears how many after each request. Where some are left, one that the primary has lost comes before them.
        An act counts as done only where its pages are: so acts are asked for first, and kept if all pages are here.

        Raises:
            OutageError, RemoteError: as `follow`.
        """
        acts = join_acts(await self._ask(self._asked.acts, after=self._last_act))
        before, behind = -1, await self.follow(at=at)
        while behind not in (0, before):
            step(behind)
            before, behind = behind, await self.follow(at=at)
        if acts and not behind:
            self._store.keep_acts(act for _, act in acts)
            self._last_act = acts[-1][0]
        return behind

    async def fetch_blobs(self) -> None:
        """Erase what the primary destroyed; fetch every blob that it has and this store has not, with all wraps.

        Raises:
            OutageError, RemoteError: as `follow`; `link.page-answer` where a blob is not the one named.
        """
        await self._erase_gone()
        place = 0
        while ids := join_ids(await self._ask(self._asked.blobs, after=place)):
            place += len(ids)
            for blob_id in (blob_id for blob_id in ids if not self._store.has_blob(blob_id)):
                whole = join_whole_blob(await self._ask(blob_id))
                if whole is not None and find_blob_id(self._suite, whole[0]) != blob_id:
                    raise RemoteError("link.page-answer")
                if whole is not None:
                    self._store.keep_blob(blob_id, *whole)

    async def _erase_gone(self) -> None:
        """Erase every blob that the primary has destroyed (R50)."""
        place = 0
        while ids := join_ids(await self._ask(self._asked.gone, after=place)):
            place += len(ids)
            if new := [blob_id for blob_id in ids if not self._store.is_gone(blob_id)]:
                self._store.erase_blobs(new)

    async def _ask(self, what: Digest, *, after: int = 0) -> list[bytes]:
        return await self._link.request_pages(Asked.encode(what, after=after), timeout_ms=REQUEST_TIMEOUT_MS)

    def _find_followed(self) -> tuple[int, bytes]:
        """Return the last row that was followed; at first that of the backup, which is a copy of the primary's.

        Where what is noted of it makes no sense, everything is asked for anew.
        """
        kept = self._store.find_mark(FOLLOWED)
        if kept:
            seq, _, digest = kept.partition(" ")
            try:
                return int(seq), bytes.fromhex(digest)
            except ValueError:
                return 0, b""
        last = self._store.last_seq
        return last, self._store.find_digest_at(last) or b""

    def _check(self, found: Rows) -> Iterable[Page]:
        pages: list[Page] = []
        for _, digest, raw in found.rows:
            page = parse_page(raw, self._suite)
            journal = page.header.journal
            if page.digest != digest or (journal.lineage, journal.realm) != (Digest(self._lineage), self._realm):
                raise RemoteError("link.page-answer", evidence=raw[:1024])
            pages.append(page)
        return pages
