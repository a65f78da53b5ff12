"""Any order of delivery with duplicates ends in one state; nothing accepted ever changes; nothing leaks (laws 2 and 3).

The histories hold several parties, forks, new incarnations, gaps, checkpoints and new keys.
"""

import random

from hypothesis import event, given, settings
from hypothesis import strategies as st

from comity.base.errors import RemoteError
from comity.journal.header import Kind
from comity.journal.keyring import Keyring
from comity.journal.ledger import Ledger, Standing
from comity.journal.trust import Trust
from kit.history import KINDS, Act, History, find_state, play

ACTS = st.lists(
    st.builds(
        Act,
        # Speech, delivery and receipts are what the rest is about.
        st.sampled_from(("say", "deliver", "deliver", "deliver", "see", "see", *KINDS)),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 40),
    ),
    min_size=8,
    max_size=30,
)


def _deliver(history: History, reader: str | None, order: list[bytes]) -> Ledger:
    ledger = Ledger(Trust(history.world.pins, history.world.suite), reader=reader, suite=history.world.suite)
    for raw in order:
        ledger.accept(raw)
    return ledger


@given(acts=ACTS, seed=st.integers(0, 2**32), keep=st.floats(0.6, 1))
@settings(max_examples=3 * settings().max_examples)
def test_any_order_of_delivery_ends_in_onefind_state(acts: list[Act], seed: int, keep: float) -> None:
    """With duplicates, and with pages that never come: pages, tips, standing, cuts, missing, held are the same."""
    history = play(acts)
    draw = random.Random(seed)
    pool = [raw for raw in history.pool if draw.random() < keep]
    for reader in ("JPN", None):
        shuffled = [*pool, *draw.sample(pool, len(pool) // 2)]
        draw.shuffle(shuffled)
        ends = [find_state(_deliver(history, reader, order)) for order in (pool, shuffled, pool[::-1])]
        assert ends[1] == ends[0]
        assert ends[2] == ends[0]
    standings = {standing.value for standing in ends[0]["standing"]}
    for name in ("disputed", "disowned"):
        event(f"{name}: {name in standings}")
    event(f"held: {bool(ends[0]['held'])}, missing: {bool(ends[0]['missing'])}")


@given(acts=ACTS, seed=st.integers(0, 2**32))
@settings(max_examples=settings().max_examples // 2)
def test_what_was_accepted_never_changes(acts: list[Act], seed: int) -> None:
    """A journal's prefix is for ever: pages are added, none moves, none goes, a branch keeps its past."""
    history = play(acts)
    order = list(history.pool)
    random.Random(seed).shuffle(order)
    ledger = Ledger(Trust(history.world.pins, history.world.suite), reader="KOR", suite=history.world.suite)
    before: dict[bytes, tuple[bytes, ...]] = {}
    for raw in order:
        ledger.accept(raw)
        after = {
            page.digest: tuple(node.digest for node in page.walk_back())
            for book in ledger.books()
            for page in book.pages()
        }
        assert before.items() <= after.items()
        before = after  # type: ignore[assignment]


@given(acts=ACTS)
@settings(max_examples=settings().max_examples // 2)
def test_no_plaintext_leaves_its_audience(acts: list[Act]) -> None:
    """No page shows a text; a party outside a text's audience opens no page that has it, whatever pages it gets."""
    history = play(acts)
    for raw in history.pool:
        assert not any(text in raw for texts in history.texts.values() for text in texts)
    for name, member in history.world.parties.items():
        secrets = (member.secrets.receiving, member.recovery)
        keyring = Keyring(name, secrets, history.world.suite)
        read = _read_all(history, keyring)
        hidden = {text for audience, texts in history.texts.items() if name not in audience for text in texts}
        assert not read & hidden


def _read_all(history: History, keyring: Keyring) -> set[bytes]:
    """Everything that this keyring opens of all pages there are, accepted or not."""
    read: set[bytes] = set()
    pages = [history.world.parties["USA"].parse(raw) for raw in history.pool]
    for page in pages:
        if page.header.kind is Kind.KEYS:
            keyring.learn(page)
    for page in pages:
        if page.header.kind is Kind.ENTRIES:
            try:
                read.update(keyring.open(page).entries)
            except RemoteError as error:
                assert error.code in ("page.no-key", "page.not-opened")  # noqa: PT017
    return read


@given(acts=ACTS)
@settings(max_examples=settings().max_examples // 2)
def test_every_reader_opens_what_was_said_to_it(acts: list[Act]) -> None:
    """The other side of the same law: whoever is in the audience and holds the pages reads the text."""
    history = play([act for act in acts if act.kind != "incarnate"])
    for name, member in history.world.parties.items():
        keyring = Keyring(name, (member.secrets.receiving, member.recovery), history.world.suite)
        meant = {text for audience, texts in history.texts.items() if name in audience for text in texts}
        assert meant <= _read_all(history, keyring)


def _say(who: int, whom: int, which: int = 0) -> Act:
    return Act("say", who, whom, which)


def test_a_history_with_everything_in_it_shows_every_standing() -> None:
    """So that the laws above are known to be about something: good, disputed, disowned, held and missing at once."""
    history = play(
        [
            _say(2, 2), _say(2, 2), Act("fork", 2, 2, 1), Act("deliver", 1, 0, 6), Act("deliver", 1, 0, 3),
            Act("see", 1, 2, 0), _say(2, 0), _say(2, 0), Act("incarnate", 2, 0, 1), _say(2, 0),
        ]
    )  # fmt: skip
    state = find_state(_deliver(history, "JPN", history.pool))
    assert set(state["standing"]) == set(Standing)
    cut_short = find_state(
        _deliver(history, "JPN", [raw for index, raw in enumerate(history.pool) if index not in (3, 5)])
    )
    assert cut_short["held"]
    assert cut_short["missing"]
