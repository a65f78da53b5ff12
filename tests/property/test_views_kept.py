"""Laws of what is kept beside states: a view that reads it sees what it would see if everything were judged anew.

One record takes a history in pieces, and is asked between them at instants that mostly go on and now and then go back,
while heads come in; another is made anew each time and asked once. The same question, the same answer.
"""

import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.api.handover import draft_shift
from comity.api.line_view import judge_lines, list_days
from comity.api.pact_view import RUNNING, judge_duties, judge_duties_of
from comity.base.instants import DAY_MS, MINUTE_MS, Instant
from comity.base.names import Digest, Party
from comity.console.hotline import group_messages
from comity.machine.waiting import find_alerts, find_calls, find_messages
from comity.pact.duty import compile_duties
from comity.pact.parse import parse_pact
from comity.procedure.receipt import Links
from comity.procedure.record import Record
from comity.procedure.stated import Stated
from kit.chatter import Chatter
from kit.loop import read_profile
from kit.stating import ALL, BEGIN, POLICY, journal_of, shuffled
from kit.text_play import MOVES, Move, Play

PACT = parse_pact(read_profile("camp-david", has_offices=False))
RULES = compile_duties(PACT)
OWING = ("consultation", "text", "line")


class Watch:
    """What the views ask of a machine, over one record; `heads` are what each party signed for."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.record, self.pact = Record(POLICY), PACT
        self.heads: dict[Party, dict[Digest, int]] = {}
        self.statements = SimpleNamespace(find=lambda *types: ())  # noqa: ARG005
        version = SimpleNamespace(pact=PACT, digest=Digest(bytes(32)), audience=ALL)
        self.versions = SimpleNamespace(
            current=version,
            lineage=SimpleNamespace(placed=(version,)),
            force=SimpleNamespace(find_end=lambda party, version: None),  # noqa: ARG005
            find_version_of=lambda scope, held: version,  # noqa: ARG005
            find_policy=lambda scope, held: POLICY,  # noqa: ARG005
            read_duties=lambda version: RULES,  # noqa: ARG005
            read_policy=lambda version: POLICY,  # noqa: ARG005
            has_left=lambda party, trigger: False,  # noqa: ARG005
        )

    def find_links(self, audience: Sequence[Party]) -> Links:
        """Return the heads."""
        del audience
        return Links({party: dict(heads) for party, heads in self.heads.items()})


def see(watch: Any, now: Instant) -> list[object]:
    """Return everything that a watch is shown from what is kept."""
    record = watch.record
    scopes = [scope for kind in OWING for scope in record.list_scopes(kind)]
    duties = list(judge_duties_of(watch, scopes, now))
    running = list(judge_duties(watch, now, is_running=True))
    assert [duty for duty in judge_duties(watch, now) if duty.verdict in RUNNING] == running
    said = {channel: sorted(state.scope for state in states) for channel, states in group_messages(watch).items()}
    return [
        duties,
        running,
        judge_lines(watch, list_days(watch), now),
        find_alerts(watch, now),
        list(find_calls(watch, now)),
        list(find_messages(watch)),
        draft_shift(watch, now),
        said,
        [record.list_opened_under(scope.ref) for scope in scopes],
    ]


def hold(statements: list[Stated], seed: int) -> None:
    """Have one record grow with these, and see the same as one made anew, every time."""
    draw = random.Random(seed)
    party = draw.choice(ALL)
    grown, taken, now = Watch(party), 0, BEGIN
    while taken < len(statements):
        step = draw.randint(1, 8)
        grown.record.take(statements[taken : taken + step])
        taken += step
        if draw.random() < 0.4:
            heads, journal = grown.heads.setdefault(draw.choice(ALL), {}), journal_of(draw.choice(ALL))
            heads[journal] = max(heads.get(journal, 0), draw.randint(0, 40))  # who has signed for a page has it
        if draw.random() < 0.1:
            grown.record.forget_states()
        now = Instant(now + draw.choice((0, 1, 10, 100, 1_000, -30)) * MINUTE_MS)
        now = draw.choice((now, now, now, Instant(now + 30 * DAY_MS)))
        fresh = Watch(party)
        fresh.heads = grown.heads
        fresh.record.take(statements[:taken])
        assert see(grown, now) == see(fresh, now)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_calls_messages_and_lines_are_seen_as_if_judged_anew(seed: int, order: int) -> None:
    """In any order of arrival, whatever comes before what it is about."""
    hold(shuffled(Chatter(seed, channel="hotline.nsc").said, order), order)


@given(MOVES, st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_texts_are_seen_as_if_judged_anew(moves: tuple[Move, ...], order: int) -> None:
    """Whatever is done with the text, and in whatever order it is heard of."""
    hold(shuffled(Play(moves).room.said, order), order)
