"""What is wanted of each journal is what all that was said of it comes to, in whatever order it was heard."""

from collections.abc import Iterable, Iterator
from itertools import chain

from hypothesis import event, given
from hypothesis import strategies as st

from comity.base.names import Audience, Digest
from comity.journal.authenticity import find_checkpoint_heads
from comity.journal.header import Page
from comity.journal.ledger import Ledger
from comity.journal.wanted import Want
from kit.history import KINDS, Act
from kit.lies import LIES, draw_pool
from kit.second_opinion import new_ledger

ACTS = st.lists(
    st.builds(
        Act,
        st.sampled_from(("say", "deliver", "see", "see", *KINDS)),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 40),
    ),
    min_size=8,
    max_size=24,
)
NAMING = (*(kind for kind in LIES if kind.startswith("seen")), "seen-false", "number", "previous", "cross", "twin")


@given(
    acts=ACTS,
    lies=st.lists(st.tuples(st.sampled_from(NAMING), st.integers(0, 400)), max_size=12),
    seed=st.integers(0, 2**32),
    keep=st.floats(0.5, 1),
)
def test_the_index_is_what_a_look_at_everything_finds(
    acts: list[Act], lies: list[tuple[str, int]], seed: int, keep: float
) -> None:
    """After every page: the same numbers and readers for each journal, and what changed was told."""
    history, pool = draw_pool(acts, lies, seed, keep)
    reader = ("JPN", "KOR", "USA")[seed % 3]
    member = history.world.parties[reader]
    ledger, shown = new_ledger(history.world, reader), dict[Digest, Want | None]()
    parsed: list[Page] = []
    for raw in pool:
        parsed += [judged.page for judged in ledger.accept(raw) if judged.page is not None]
        stirred = ledger.wanted.take_stirred()
        shown |= {journal: ledger.wanted.find(journal) for journal in stirred}
        now = {journal: ledger.wanted.find(journal) for journal in {*shown, *(page.journal for page in parsed)}}
        assert {journal: want for journal, want in shown.items() if want} == {
            j: want for j, want in now.items() if want
        }
    found = {journal: want for journal, want in shown.items() if want is not None}
    accepted = {page.digest: page for page in parsed if ledger.find_page(page.digest) is not None}.values()
    expected = dict(_list_expected(ledger, accepted))
    assert {journal: (want.lowest, want.highest, want.end) for journal, want in found.items()} == {
        journal: row[:3] for journal, row in expected.items()
    }
    for journal, want in found.items():
        book = ledger.find_book(journal)
        assert want.readers == book.id.audience if book else set(want.readers) >= set(expected[journal][3])
        assert set(want.sponsors) <= set(history.world.names)
        assert member.name in want.readers
    event(f"wanted: {bool(found)}, of journals that are not here: {any(not ledger.find_book(j) for j in found)}")


def _list_expected(
    ledger: Ledger, accepted: Iterable[Page]
) -> Iterator[tuple[Digest, tuple[int, int, int | None, Audience]]]:
    """What is wanted, worked out anew from every name and every page that waits."""
    names = {
        (head, page.header.journal.audience)
        for page in accepted
        for head in chain(page.header.seen, find_checkpoint_heads(page))
        if ledger.find_page(Digest(head.page)) is None
    }
    waiting = [page for page, code in ledger.held() if code in ("page.gap", "page.previous")]
    for journal in {*(Digest(head.journal) for head, _ in names), *(page.journal for page in waiting)}:
        told = [(head.number, readers) for head, readers in names if head.journal == journal]
        told += [(page.header.number - 1, page.header.journal.audience) for page in waiting if page.journal == journal]
        book = ledger.find_book(journal)
        count = len(book.by_number) if book else 0
        after = [page.header.number for page in waiting if page.journal == journal and page.header.number > count]
        readers = tuple(sorted({reader for _, row in told for reader in row}))
        numbers = [number for number, _ in told]
        yield journal, (min(numbers), max(numbers), min(after, default=None), readers)
