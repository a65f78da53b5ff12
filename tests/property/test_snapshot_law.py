"""A start from a snapshot and the pages since is a start from all bytes: law 3 says that anything else can be rebuilt.

Histories are those of a ledger with forks, new incarnations and gaps, and those of whole nodes with faults.
"""

import random
from collections.abc import Sequence

from hypothesis import event, given, settings
from hypothesis import strategies as st

from comity.base.instants import HOUR_MS, MINUTE_MS, Instant
from comity.base.names import Digest, Party
from comity.journal.header import parse_page
from comity.journal.ledger import Ledger, Verdict
from comity.journal.trust import Trust
from comity.machine.effect import Effect
from comity.machine.input import Arrived, Committed, Input, LinkChanged, Say, Ticked
from comity.machine.machine import Machine
from comity.machine.vouched import Vouched
from comity.node.segment import Row, decode_segment, encode_segment, list_rows
from comity.node.snapshot_keeper import make_row
from comity.node.store import StoredRow
from comity.procedure.call import ConclusionStated, Outcome
from comity.rehearsal import read_profile
from comity.rehearsal.canary import NO_CANARY
from comity.rehearsal.chance import draw_rates
from comity.rehearsal.checks.same_verdict import find_views
from comity.rehearsal.log import Log
from comity.rehearsal.play import DRAWN, get_play
from comity.rehearsal.run import Run
from comity.rehearsal.standin import StandInSuite
from comity.rehearsal.station import Station
from kit.history import KINDS, Act, find_state, play

SUITE = StandInSuite()
ACTS = st.lists(
    st.builds(
        Act,
        st.sampled_from(("say", "deliver", "deliver", "deliver", "see", "see", *KINDS)),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 40),
    ),
    min_size=8,
    max_size=30,
)


def _write_and_read(rows: Sequence[Row]) -> list[Row]:
    """What a snapshot gives back of these rows."""
    raw = encode_segment(rows, last_seq=len(rows) or 1, count=len(rows) or 1, last_digest=Digest(bytes(32)))
    return list(list_rows(decode_segment(raw), SUITE, {}))


@given(acts=ACTS, seed=st.integers(0, 2**32), keep=st.floats(0.6, 1), share=st.floats(0, 1))
def test_vouched_pages_are_judged_as_their_bytes_are(acts: list[Act], seed: int, keep: float, share: float) -> None:
    """With liars, gaps, held pages and lost keys: pages, standing, cuts, missing and held are the same."""
    history = play(acts)
    draw = random.Random(seed)
    pool = [raw for raw in history.pool if draw.random() < keep]
    draw.shuffle(pool)
    suite = history.world.suite

    def make() -> Ledger:
        return Ledger(Trust(history.world.pins, suite), reader="JPN", suite=suite)

    live, stored = make(), []
    for raw in pool:
        for judgement in live.accept(raw):
            if judgement.verdict in (Verdict.ACCEPTED, Verdict.HELD) and judgement.raw not in stored:
                stored.append(judgement.raw)
    from_bytes, from_snapshot = make(), make()
    for raw in stored:
        from_bytes.accept(raw)
    count = round(len(stored) * share)
    pages = [parse_page(raw, suite) for raw in stored[:count]]
    rows: list[Row] = [Vouched(page, None) if live.find_page(page.digest) else page.raw for page in pages]
    for row in [*_write_and_read(rows), *stored[count:]]:
        _ = from_snapshot.accept(row) if isinstance(row, bytes) else from_snapshot.accept_vouched(row.page)
    assert find_state(from_snapshot) == find_state(from_bytes)
    assert (from_snapshot.unrest, from_snapshot.hindsight) == (from_bytes.unrest, from_bytes.hindsight)
    event(f"vouched: {any(isinstance(row, Vouched) for row in rows)}")


def _run(seed: int) -> list[Station]:
    """The nodes at the end of a rehearsal with faults."""
    run = Run(get_play(DRAWN), read_profile("camp-david"), seed, rates=draw_rates(seed), canary=NO_CANARY, log=Log())
    for _ in run.steps():
        pass
    return list(run._stage.stations.values())


def _list_stored(station: Station) -> list[StoredRow]:
    party = station.party
    return [
        StoredRow(seq, page.digest, page.header.journal.author != party or page.digest in station.disk.out, page.raw)
        for seq, page in enumerate(station.disk.pages, start=1)
    ]


def _shows(machine: Machine) -> dict[str, object]:
    """All that anyone can ask of a machine."""
    return {
        "ledger": find_state(machine.ledger),
        "statements": machine.statements.all,
        "views": find_views(machine.record),
        "flags": (machine.flags.all, machine.flags.pending_count),
        "faults": (machine.statements.faults, machine.statements.raw_entries, machine.statements.unopened_count),
        "followed": machine.find_followed(),
        "holes": machine.refill.find_holes(),
    }


def _go_on(machine: Machine, others: Sequence[Party], at: Instant, raw: bytes) -> list[Effect]:
    """Give a machine a few hours of inputs, and return everything that it asks for."""
    everyone = machine.parties
    said: list[Effect] = []

    def give(*given: Input) -> None:
        for one in given:
            effects = machine.handle(one)
            said.extend(effects)
            for effect in effects:
                number = getattr(effect, "number", None)
                if type(effect).__name__ == "Commit" and number is not None:
                    give(Committed(one.at, bytes(31) + b"\x01", number))

    give(Ticked(at, bytes(32)), Arrived(at, b"\x02" * 32, raw, 7))
    for hours in range(1, 4):
        later = Instant(at + hours * HOUR_MS)
        call = ConclusionStated(bytes([hours]) * 32, Outcome.VIEWS_EXCHANGED)
        give(
            LinkChanged(later, bytes([hours]) * 32, others[0], hours % 2 == 0),
            Say(later, bytes([16 + hours]) * 32, hours, everyone, (call,)),
            Ticked(Instant(later + 5 * MINUTE_MS), bytes([32 + hours]) * 32),
        )
    return said


@given(seed=st.integers(0, 2**20), share=st.floats(0, 1))
@settings(max_examples=max(3, settings().max_examples // 20), deadline=None)
def test_a_start_from_a_snapshot_is_a_start_from_bytes(seed: int, share: float) -> None:
    """The same record, the same views, the same next pages, the same effects, wherever the snapshot ends."""
    for station in _run(seed):
        stored, live = _list_stored(station), station.machine
        count = round(len(stored) * share)
        unpublished = station.disk.find_unpublished(station.party)
        rows = _write_and_read([make_row(live, row) for row in stored[:count]])
        from_bytes, from_snapshot = Machine(live.setup), Machine(live.setup)
        from_bytes.restore((row.raw for row in stored), unpublished=unpublished)
        from_snapshot.restore((row.raw for row in stored[count:]), unpublished=unpublished, vouched=rows)
        assert _shows(from_snapshot) == _shows(from_bytes)
        at = Instant(station.now() + MINUTE_MS)
        others = [party for party in live.parties if party != live.party]
        repeated = stored[len(stored) // 2].raw
        assert _go_on(from_snapshot, others, at, repeated) == _go_on(from_bytes, others, at, repeated)
        assert _shows(from_snapshot) == _shows(from_bytes)
        event(f"vouched: {sum(isinstance(row, Vouched) for row in rows) > 0}")
