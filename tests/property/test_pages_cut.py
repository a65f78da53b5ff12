"""A law of lists of which a page is cut before its rows are made: the rows of the whole list, made and then cut."""

import hashlib
import random
from types import SimpleNamespace
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.api.form import simplify
from comity.api.timeline import show_timeline
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.procedure.correction import EntryCorrected, EntryWithdrawn
from comity.procedure.officer import ActedBy, Capacity, Footing
from comity.procedure.reading import ItemRead, ReaderKind
from comity.procedure.stated import Standing, Stated
from comity.procedure.timeline import timeline_of
from kit.chatter import Chatter
from kit.held import Held
from kit.stating import shuffled

ACTED = ActedBy((Capacity("o1", "watch-officer", Footing.OFFICE),), 1)
READ = ItemRead(bytes(32), (), ReaderKind.OPERATOR, "o1", (), 0)


def seal(said: list[Stated], draw: random.Random) -> list[Stated]:
    """Put these on pages: most with who acted in front, some read, some sealed into a rival page as well."""
    found = []
    for row in said:
        page = hashlib.sha256(row.id).digest()
        on = [msgspec.structs.replace(row, index=1, page_digest=Digest(page))]
        for number, entry in ((0, ACTED), (2, READ)):
            if draw.random() < 0.7:
                id_ = Digest(hashlib.sha256(page + bytes([number])).digest())
                on.append(msgspec.structs.replace(on[0], entry=entry, id=id_, index=number))
        found += on
        if draw.random() < (0.7 if isinstance(row.entry, EntryCorrected | EntryWithdrawn) else 0.2):
            rival = Digest(page[::-1])
            at, standing = Instant(row.written_at + draw.choice((-1, 0, 1))), draw.choice(tuple(Standing))
            again = draw.sample(on, draw.randint(1, len(on)))
            found += [
                msgspec.structs.replace(one, page_digest=rival, written_at=at, standing=standing) for one in again
            ]
    return found


@given(st.integers(0, 10_000), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_a_page_of_the_timeline_is_cut_of_the_whole(seed: int, order: int) -> None:
    """Whatever is corrected, taken back, sealed twice or disputed meanwhile, in any order of arrival."""
    draw, held = random.Random(order), Held()
    machine: Any = SimpleNamespace(statements=held)
    waiting = shuffled(seal(Chatter(seed, channel="hotline.nsc").said, draw), order)
    while waiting:
        count = draw.randint(1, 40)
        held.rows += waiting[:count]
        del waiting[:count]
        if draw.random() < 0.2:
            held.dispute(draw)
        whole = simplify(timeline_of(row for row in held.rows if not isinstance(row.entry, ItemRead)))
        numbered = [{"number": number, **row} for number, row in enumerate(whole)]
        after, first = draw.randint(0, 5), draw.randint(0, len(whole) + 2)
        last = first + draw.randint(0, 5)
        assert (
            show_timeline(machine, after=after, cut=lambda rows, a=first, b=last: rows[a:b])  # type: ignore[misc]
            == numbered[after:][first:last]
        )
        assert show_timeline(machine, after=0, cut=lambda rows: rows) == numbered
