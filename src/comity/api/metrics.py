"""What a node counts, for its own operator's monitoring: Prometheus text at `/metrics` (docs/adr/0020-metrics.md).

Rules that keep it so:

- Numbers, codes, and names of parties and audiences that this party reads anyway. No content, no ids, no keys. The
  operator of another node never gets at this: it is served on loopback, to whoever holds a token of this home.
- Counters and durations come through the one seam (`node.observer`); all else is read from the node when it is asked.
- A count is never what a rule goes by: nothing in the node reads it.
"""

import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client import generate_latest as format_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from comity import __version__
from comity.api.desk import Desk
from comity.api.standing import find_file_age_s, find_free_bytes, find_unconfirmed
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Page
from comity.machine.closed import ClosedWhy
from comity.machine.effect import Commit
from comity.procedure.duty import DutyVerdict

__all__ = ["METRICS_TYPE", "Metrics"]

METRICS_TYPE: Final = "text/plain; version=1.0.0; charset=utf-8"
COMMIT_BUCKETS_S: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)
CARRIED_BUCKETS_S: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0, 3600.0)
OPEN_COUNT_MAX: Final = 10_000
"""Own pages of one journal whose confirmation is being timed; of a longer outage the latest are."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, which nobody asks for


@dataclass(slots=True)
class _Timed:
    """Own pages of one journal that some reader has yet to sign for: number and when it was stored."""

    readers: Audience
    open: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=OPEN_COUNT_MAX))
    confirmed: dict[Party, int] = field(default_factory=dict)


class Metrics(Collector):
    """The observer of one node, and what it makes of it. `watch` once, then `render` at every asking."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._appended = Counter(
            "comity_pages_appended", "Own pages stored", ["feed", "audience"], registry=self.registry
        )
        self._taken = Counter(
            "comity_pages_taken", "Pages of others accepted", ["author", "feed"], registry=self.registry
        )
        self._refused = Counter("comity_pages_refused", "Pages refused", ["code"], registry=self.registry)
        self._alarms = Counter("comity_alarms", "Alarms raised since the start", ["code"], registry=self.registry)
        self._commits = Histogram(
            "comity_commit_seconds", "A durable step", registry=self.registry, buckets=COMMIT_BUCKETS_S
        )
        self._there = Histogram(
            "comity_page_there_seconds",
            "From the author's clock in another's page until it was stored and read here; both clocks are in it",
            registry=self.registry,
            buckets=CARRIED_BUCKETS_S,
        )
        self._confirmed = Histogram(
            "comity_page_confirmed_seconds",
            "From the storing of an own page until every reader has signed for it",
            registry=self.registry,
            buckets=CARRIED_BUCKETS_S,
        )
        ProcessCollector(registry=self.registry)
        self._desk: Desk | None = None
        self._snapshot: Path | None = None
        self._timed: dict[Digest, _Timed] = {}

    def watch(self, desk: Desk, *, snapshot: Path | None = None) -> None:
        """Take the node whose state is read at every asking, and where its snapshot lies."""
        self._desk = desk
        self._snapshot = snapshot
        self.registry.register(self)

    def render(self) -> bytes:
        """Return everything as Prometheus text."""
        return format_latest(self.registry)

    def note_commit(self, commit: Commit, *, took_s: float) -> None:
        """See `node.observer`."""
        self._commits.observe(took_s)
        for refusal in commit.refusals:
            self._refused.labels(refusal.code).inc()
        if self._desk is None:
            return
        for page in commit.pages:
            journal = page.header.journal
            if journal.author == self._desk.node.machine.party:
                self._appended.labels(journal.feed.value, " ".join(journal.audience)).inc()
                self._open(page)
            elif self._desk.node.machine.ledger.find_page(page.digest) is not None:
                self._taken.labels(journal.author, journal.feed.value).inc()
                self._there.observe(max(0, self._desk.node.now() - page.header.written_at) / 1000)
                self._confirm(page)

    def note_alarm(self, code: str, details: Mapping[str, object]) -> None:
        """See `node.observer`; details are not counted."""
        del details
        self._alarms.labels(code).inc()

    def _open(self, page: Page) -> None:
        journal = page.header.journal
        if page.header.kind.obliges_receipt and len(journal.audience) > 1:
            readers = tuple(party for party in journal.audience if party != journal.author)
            timed = self._timed.setdefault(page.journal, _Timed(readers))
            timed.open.append((page.header.number, time.monotonic()))

    def _confirm(self, page: Page) -> None:
        """Note what another party's accepted page signs for, and how long the last reader of each page took."""
        for head in page.header.seen:
            timed = self._timed.get(Digest(head.journal))
            if timed is None or page.header.journal.author not in timed.readers:
                continue
            reader = page.header.journal.author
            timed.confirmed[reader] = max(head.number, timed.confirmed.get(reader, -1))
            upto = min(timed.confirmed.get(party, -1) for party in timed.readers)
            while timed.open and timed.open[0][0] <= upto:
                self._confirmed.observe(time.monotonic() - timed.open.popleft()[1])

    def collect(self) -> Iterator[Metric]:
        """Yield what is read from the node now."""
        if self._desk is None:
            return
        node, machine = self._desk.node, self._desk.node.machine
        about = _gauge("node", "Always 1; who this is and which version runs", party=machine.party,
                       realm=machine.setup.pins.realm, version=__version__)  # fmt: skip
        about.add_metric([machine.party, machine.setup.pins.realm, __version__], 1)
        yield about
        stopped = _gauge("node_stopped", "1 where the node takes nothing more, by the code of its cause", code="")
        stopped.add_metric([node.failure_code], int(node.failure is not None))
        yield stopped
        yield from self._collect_links()
        yield from self._collect_readers()
        yield from self._collect_store()
        plain: tuple[tuple[str, str, float], ...] = (
            ("pact_in_force", "1 once every party has accepted the pact", machine.is_in_force),
            ("pages_stored", "Pages in the store", node.store.count_pages()),
            ("pages_held", "Pages that wait for another", len(machine.ledger.held())),
            (
                "pages_unopened",
                "Accepted pages whose seal this node cannot open yet",
                machine.statements.unopened_count,
            ),
            ("pages_unpublished", "Own pages that the outbox has not taken", len(node.store.find_unpublished())),
            ("event_listeners", "Consoles and programs that listen to events", self._desk.bulletin.listener_count),
            ("holes", "Journals with pages that are known of and not here", len(machine.refill.find_holes())),
        )
        for name, says, value in plain:
            yield GaugeMetricFamily(f"comity_{name}", says, value=value)
        overdue = _gauge("duties_overdue", "Duties on the signed record that are overdue", party="")
        counts = dict.fromkeys(machine.parties, 0)
        for duty in self._desk.judge_duties():
            counts[duty.party] += duty.verdict is DutyVerdict.OVERDUE
        for party, count in counts.items():
            overdue.add_metric([party], count)
        yield overdue

    def _collect_store(self) -> Iterator[Metric]:
        """The store's health, and what a store from a copy keeps closed."""
        assert self._desk is not None
        node = self._desk.node
        damaged, lost = node.store.count_damage()
        whys = [row.why for row in node.machine.find_closed()]
        closed = _gauge("journals_closed", "Own journals in which nothing may be said now", why="")
        for why in ClosedWhy:
            closed.add_metric([why.value], whys.count(why))
        yield closed
        yield GaugeMetricFamily("comity_store_full", "1 while the disk is full", value=node.is_full)
        yield GaugeMetricFamily("comity_store_rows_damaged", "Rows ever found damaged", value=damaged)
        yield GaugeMetricFamily("comity_store_rows_lost", "Rows found damaged that have not come back", value=lost)
        age = None if self._snapshot is None else find_file_age_s(self._snapshot, at=node.now())
        free = None if self._snapshot is None else find_free_bytes(self._snapshot.parent)
        if free is not None:
            yield GaugeMetricFamily("comity_disk_free_bytes", "Room on the disk that holds the store", value=free)
        if age is not None:
            yield GaugeMetricFamily("comity_snapshot_age_seconds", "Since the snapshot was last added to", value=age)

    def _collect_links(self) -> Iterator[Metric]:
        assert self._desk is not None
        node = self._desk.node
        up = _gauge("link_up", "1 while a peer's outbox is reached", peer="")
        heard = _gauge("link_heard_age_seconds", "Since something last came from a peer", peer="")
        for party in node.machine.parties:
            if party == node.machine.party:
                continue
            up.add_metric([party], node.links_up.get(party, False))
            if party in node.heard_at:
                heard.add_metric([party], max(0, node.now() - node.heard_at[party]) / 1000)
        yield from (up, heard)

    def _collect_readers(self) -> Iterator[Metric]:
        assert self._desk is not None
        lag = _gauge("outbox_lag_pages", "Own pages of a stream that a reader has not signed for",
                     feed="", audience="", reader="")  # fmt: skip
        for row in find_unconfirmed(self._desk.node.machine):
            lag.add_metric([row.feed, " ".join(row.audience), row.party], row.page_count)
        yield lag


def _gauge(name: str, says: str, **labels: str) -> GaugeMetricFamily:
    """Return an empty gauge with these labels."""
    return GaugeMetricFamily(f"comity_{name}", says, labels=list(labels))
