"""The warning feed of three parties, pages handed over by the test (docs/spec/warning.md, W22 to W29)."""

from collections.abc import Iterator

import pytest

from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX, WARNING_RETENTION_MS
from comity.base.names import Digest
from comity.crypto.label import digest
from comity.journal.building import Draft, Place, Signer
from comity.journal.header import Feed, Kind, Page, parse_page
from comity.warning.effect import Anchor, AnchorFault, Fate, PageOut
from comity.warning.inlet import Inlet
from comity.warning.rows import Block
from comity.warning.telling import Terms
from kit.feed import AGREEMENT, BALLISTIC, SHIPS, Feeds, make_block, make_releases
from kit.world import PACT, T0, World

ALL = ("JPN", "KOR", "USA")


@pytest.fixture
def feeds() -> Feeds:
    """Three parties who have met and tell each other everything."""
    return Feeds()


def _numbers(blocks: list[Block]) -> list[int]:
    return [int(number) for block in blocks for number in block.rows["number"]]


def _say(feeds: Feeds, *firsts: int, author: str = "USA") -> list[PageOut]:
    """Have a party say a block for each number, each on a page of its own."""
    pages: list[PageOut] = []
    for first in firsts:
        feeds.channels[author].say(make_block(1, first=first), at=feeds.now)
        pages += feeds.write(author)
    return pages


def _parse(feeds: Feeds, page: PageOut) -> Page:
    return parse_page(page.raw, feeds.world.suite)


def test_both_readers_read_what_was_said(feeds: Feeds) -> None:
    """One page for all readers: the key first, then the rows, the very same at each of them."""
    block = make_block(1000)
    assert feeds.channels["USA"].say(block, at=T0) == 1
    pages = feeds.write("USA")
    assert [_parse(feeds, page).header.kind for page in pages] == [Kind.KEYS, Kind.ENTRIES]
    assert feeds.find_audiences(pages) == {ALL}
    for reader in ("JPN", "KOR"):
        blocks = feeds.share(pages, to=reader)
        assert b"".join(one.rows.tobytes() for one in blocks) == block.rows.tobytes()
        assert _numbers(blocks) == list(range(1, 1001))


def test_one_page_of_a_journal_is_in_flight(feeds: Feeds) -> None:
    """What is said meanwhile waits, and leaves together with the next page."""
    usa = feeds.channels["USA"]
    _say(feeds, 1)
    usa.say(make_block(1, first=2), at=T0)
    (first,) = usa.write(T0, salt=b"\x01" * 32)
    usa.say(make_block(1, first=3), at=T0)
    usa.say(make_block(1, first=4), at=T0)
    assert usa.write(T0, salt=b"\x02" * 32) == ()
    assert usa.find_wake() is None, "nothing may go before the page is out"
    usa.note_out(first)
    (second,) = usa.write(T0, salt=b"\x03" * 32)
    assert (second.number, second.row_count) == (first.number + 1, 2)


def test_a_page_keeps_its_bound_however_much_waits(feeds: Feeds) -> None:
    """A flow that is more than a page's worth leaves as full pages, in order."""
    feeds.channels["USA"].say(make_block(20_000), at=T0)
    pages = feeds.write("USA")
    sizes = [len(page.raw) for page in pages]
    assert max(sizes) <= BULK_PAGE_SIZE_BYTES_MAX
    assert min(sizes[1:3]) > 0.9 * BULK_PAGE_SIZE_BYTES_MAX
    assert _numbers(feeds.share(pages, to="JPN")) == list(range(1, 20_001))


def test_whoever_may_not_know_sees_no_journal() -> None:
    """A class goes into a journal of exactly those who are told; there is none where nobody is, and no page."""
    feeds = Feeds()
    usa = feeds.channels["USA"]
    usa.set_releases(make_releases("USA", {(BALLISTIC, "JPN"): Terms(AGREEMENT), (SHIPS, "KOR"): Terms(AGREEMENT)}))
    usa.say(make_block(1, class_=BALLISTIC), at=T0)
    usa.say(make_block(2, class_=SHIPS), at=T0)
    assert usa.say(make_block(3, class_="policy.track.air"), at=T0) == 0
    pages = feeds.write("USA")
    assert feeds.find_audiences(pages) == {("JPN", "USA"), ("KOR", "USA")}
    assert [block.class_ for block in feeds.share(pages, to="JPN")] == [BALLISTIC]
    stolen = next(page for page in pages if page.journal.audience == ("JPN", "USA"))
    assert feeds.hand(stolen, to="KOR").code == "page.other-audience"


def test_terms_are_told_in_the_block_and_keep_a_journal_apart() -> None:
    """Who is told less reads it alone, with the clause; the delay is kept, and nothing else waits for it."""
    feeds = Feeds()
    usa = feeds.channels["USA"]
    coarse = Terms("policy.track.coarse", coarsen_m=5000, delay_ms=60_000, is_sensor_named=False)
    usa.set_releases(make_releases("USA", {(BALLISTIC, "JPN"): Terms(AGREEMENT), (BALLISTIC, "KOR"): coarse}))
    usa.say(make_block(1), at=T0)
    pages = feeds.write("USA")
    assert feeds.find_audiences([page for page in pages if page.row_count]) == {("JPN", "USA")}
    assert usa.find_wake() == T0 + 60_000
    feeds.now = Instant(T0 + 60_000)
    (block,) = feeds.share([*pages, *feeds.write("USA")], to="KOR")
    assert block.coarsening is not None
    assert (block.coarsening.clause, block.coarsening.coarsen_m) == ("policy.track.coarse", 5000)
    assert block.rows["latitude"][0] != make_block(1).rows["latitude"][0]


def test_what_waits_is_decided_again_before_it_goes(feeds: Feeds) -> None:
    """R1: an agreement that ended meanwhile stops what was said under it and had not gone."""
    usa = feeds.channels["USA"]
    _say(feeds, 1)
    usa.say(make_block(4, first=2), at=T0)
    usa.set_releases(make_releases("USA", {(SHIPS, "KOR"): Terms(AGREEMENT)}))
    assert feeds.write("USA") == []
    assert sum(outlet.waiting.withdrawn[BALLISTIC] for outlet in usa.outlets()) == 4


def test_a_gap_holds_nothing_up_and_is_told_once_when_it_is_given_up(feeds: Feeds) -> None:
    """W28: what follows is read at once; what came late is read late; what never came is named."""
    pages = _say(feeds, 1, 2, 3, 4, 5)
    intake = feeds.channels["JPN"].intake
    assert _numbers(feeds.share([*pages[:2], pages[5]], to="JPN")) == [1, 5]
    (inlet,) = intake.inlets()
    assert inlet.missing_count == 3
    late = feeds.hand(pages[3], to="JPN")
    assert [received.is_late for received in late.received] == [True]
    assert _numbers(list(late.received[0].blocks)) == [3]
    assert feeds.channels["JPN"].give_up(Instant(T0 + WARNING_RETENTION_MS - 1)) == ()
    lost = feeds.channels["JPN"].give_up(Instant(T0 + WARNING_RETENTION_MS))
    assert [(gap.author, gap.first, gap.last) for gap in lost] == [("USA", 2, 2), ("USA", 4, 4)]
    assert feeds.channels["JPN"].give_up(Instant(T0 + HOUR_MS)) == ()
    assert (inlet.missing_count, inlet.lost_count) == (0, 2)
    assert _numbers(feeds.share([pages[2]], to="JPN")) == [2], "what comes after all is read"


@pytest.mark.parametrize("turn", range(4))
def test_any_order_tells_the_same_and_nothing_twice(feeds: Feeds, turn: int) -> None:
    """Pages come in another order, and again: each is read once; the key may come last."""
    pages = _say(feeds, *range(1, 9))
    shuffled = [*pages[turn:], *pages[:turn]][:: -1 if turn % 2 else 1]
    blocks = feeds.share([*shuffled, *pages], to="KOR")
    assert sorted(_numbers(blocks)) == list(range(1, 9))
    assert feeds.hand(pages[3], to="KOR").fate is Fate.DUPLICATE
    (inlet,) = feeds.channels["KOR"].intake.inlets()
    assert (inlet.is_forked, inlet.missing_count, inlet.page_count) == (False, 0, 9)


def test_who_begins_to_read_in_the_middle_misses_nothing_by_it(feeds: Feeds) -> None:
    """The pages before the first that came are no gap: a reader begins somewhere."""
    pages = _say(feeds, 1, 2, 3)
    feeds.hand(pages[2], to="JPN")
    (inlet,) = feeds.channels["JPN"].intake.inlets()
    assert (inlet.first, inlet.missing_count) == (2, 0)


def test_the_key_is_said_again_so_that_the_stream_alone_is_enough(feeds: Feeds) -> None:
    """W26: within what the stream keeps lies a key page for every page in it, with the same key."""
    noon = T0 - 12 * HOUR_MS
    feeds.now = Instant(noon)
    pages = _say(feeds, 1)
    for minute in range(1, 40):
        feeds.now = Instant(noon + minute * MINUTE_MS)
        pages += _say(feeds, minute + 1)
    kept = [page for page in pages if _parse(feeds, page).header.written_at > feeds.now - WARNING_RETENTION_MS]
    epochs = {_parse(feeds, page).header.epoch for page in kept}
    assert epochs == {1}, "the same day has one epoch"
    assert sorted(_numbers(feeds.share(kept, to="JPN"))) == list(range(26, 41))
    assert feeds.channels["JPN"].intake.count_held("USA") == 0


def test_an_idle_journal_says_no_key_again(feeds: Feeds) -> None:
    """Nothing is written where nothing was said since."""
    feeds.now = Instant(T0 - 12 * HOUR_MS)
    _say(feeds, 1)
    feeds.now = Instant(T0 - 11 * HOUR_MS)
    assert len(feeds.write("USA")) == 1, "what was said once is followed by its key once"
    feeds.now = Instant(T0 - 10 * HOUR_MS)
    assert feeds.write("USA") == []


def test_each_day_has_its_epoch_wrapped_ahead(feeds: Feeds) -> None:
    """S4, S14: begun ten minutes before the day, and no row waits for it."""
    midnight = T0 // DAY_MS * DAY_MS + DAY_MS
    _say(feeds, 1)
    feeds.now = Instant(midnight - 11 * MINUTE_MS)
    before = _say(feeds, 2)
    feeds.now = Instant(midnight - 10 * MINUTE_MS)
    usa = feeds.channels["USA"]
    usa.say(make_block(1, first=3), at=feeds.now)
    (page,) = usa.write(feeds.now, salt=b"\x05" * 32)
    assert _parse(feeds, page).header.epoch == 1, "the old key serves until the next is wrapped"
    usa.note_out(page)
    after = _say(feeds, 4)
    assert [_parse(feeds, one).header.epoch for one in (*before, *after)] == [1, 1, 2, 2]


def test_after_a_readers_key_changed_nothing_goes_under_the_old_one(feeds: Feeds) -> None:
    """S4: the old receiving key may be in other hands."""
    _say(feeds, 1)
    world, usa = feeds.world, feeds.channels["USA"]
    kor = world.parties["KOR"]
    kor.incarnation += 1
    kor.__post_init__()
    world.parties["USA"].ledger.learn((kor.certificate,))
    usa.say(make_block(1, first=2), at=T0)
    assert usa.write(T0, salt=b"\x06" * 32) == ()
    pages = feeds.write("USA")
    assert [(_parse(feeds, one).header.kind, _parse(feeds, one).header.epoch) for one in pages] == [
        (Kind.KEYS, 2),
        (Kind.ENTRIES, 2),
    ]


def test_a_page_waits_for_its_authors_certificate() -> None:
    """J11, step 4: a stranger's page is held, and read once the record brings his certificate."""
    world = World()
    born = {name: member.be_born() for name, member in world.parties.items()}
    for reader in ("USA", "KOR"):
        for raw in born.values():
            world.parties[reader].take(raw)
    world.parties["JPN"].take(born["JPN"])
    feeds = Feeds(world)
    pages = _say(feeds, 1, 2)
    jpn = feeds.channels["JPN"].intake
    assert [feeds.hand(page, to="JPN").code for page in pages] == ["page.stranger"] * 3
    assert jpn.take_root_statements(T0) is None
    world.parties["JPN"].take(born["USA"])
    taken = jpn.take_root_statements(T0)
    assert taken is not None
    assert _numbers([block for received in taken.received for block in received.blocks]) == [1, 2]


def _forge(feeds: Feeds, place: Place, *, epoch: int = 1, entries: tuple[bytes, ...] = (b"\x91\xa1x",)) -> PageOut:
    """Sign another page as USA at a place that it has filled already."""
    usa = feeds.channels["USA"]
    (outlet,) = usa.outlets()
    secrets = feeds.world.parties["USA"].secrets
    draft = Draft(outlet.id, PACT, T0, feeds.world.ceremony.random(32))
    key = feeds.channels["USA"]._keyring.find_epoch_key(journal=outlet.digest, epoch=1)
    assert key is not None
    signer = Signer(secrets.node, feeds.world.suite)
    page, _ = signer.write_entries(draft, entries, place, epoch=epoch, epoch_key=key)
    return PageOut(page, 0)


def test_two_pages_of_one_number_are_evidence_and_both_are_read(feeds: Feeds) -> None:
    """J16: a fork is found from either side: by the number, or by what the next page follows."""
    pages = _say(feeds, 1, 2, 3)
    true = _parse(feeds, pages[2])
    rival = _forge(feeds, Place(true.journal, 2, true.header.previous))
    feeds.share(pages, to="JPN")
    (fork,) = feeds.hand(rival, to="JPN").forks
    assert (fork.author, fork.number, {fork.page, fork.other}) == ("USA", 2, {true.digest, rival.digest})
    for page in (pages[0], pages[1], rival):
        assert not feeds.hand(page, to="KOR").forks
    (fork,) = feeds.hand(pages[3], to="KOR").forks
    assert (fork.number, {fork.page, fork.other}) == (2, {true.digest, rival.digest})
    anew = Feeds(feeds.world)
    for page in (pages[0], pages[1], pages[3]):
        assert not anew.hand(page, to="JPN").forks
    (fork,) = anew.hand(rival, to="JPN").forks
    assert (fork.number, {fork.page, fork.other}) == (2, {true.digest, rival.digest})
    assert all(inlet.is_forked for name in ("JPN", "KOR") for inlet in feeds.channels[name].intake.inlets())


def test_a_second_key_for_one_epoch_is_refused(feeds: Feeds) -> None:
    """S9: along one journal every key page of an epoch commits to the same key."""
    pages = _say(feeds, 1)
    feeds.share(pages, to="JPN")
    again = Feeds(feeds.world)
    other = _say(again, 1)
    assert again.hand(other[0], to="JPN").fate is Fate.TAKEN
    assert feeds.hand(other[0], to="JPN").code == "key.commitment"


def _refusals(feeds: Feeds) -> Iterator[tuple[bytes, str]]:
    page = _say(feeds, 1)[1]
    usa, suite = feeds.world.parties["USA"], feeds.world.suite
    yield b"", "page.malformed"
    yield page.raw[:-1], "page.malformed"
    flipped = bytearray(page.raw)
    flipped[-1] ^= 1
    yield bytes(flipped), "page.body-digest"
    yield usa.say(usa.journal("JPN"), b"\x92\xa4Said\xa1x")[0], "warning.other-feed"
    yield _say(feeds, 1, author="JPN")[0].raw, "warning.other-feed"
    yield _forge(feeds, Place(_parse(feeds, page).journal, 0, Digest(b"\x01" * 32))).raw, "page.previous"
    journal = usa.journal("JPN", "KOR", feed=Feed.WARNING)
    stranger = Signer(b"\x07" * 32, suite).build(
        Draft(journal, PACT, T0, b"\x09" * 32), Kind.HEADS_SEEN,
        Place(journal.find_digest(suite), 9, Digest(b"\x01" * 32), _parse(feeds, page).header.seen), body=b"",
    )  # fmt: skip
    yield stranger.raw, "page.kind"


def test_bytes_from_outside_end_as_a_refusal_with_its_code(feeds: Feeds) -> None:
    """No bytes make the intake raise, and none of them leave anything behind."""
    for raw, code in list(_refusals(feeds)):
        taken = feeds.channels["JPN"].take(raw, T0)
        assert (taken.fate, taken.code) == (Fate.REFUSED, code)
    assert feeds.channels["JPN"].intake.inlets() == ()


def test_an_entry_that_is_no_block_is_named_and_its_neighbours_stand(feeds: Feeds) -> None:
    """W6: the page stands, what can be read is read."""
    pages = _say(feeds, 1)
    true = _parse(feeds, pages[1])
    odd = _forge(feeds, Place(true.journal, 2, true.digest))
    feeds.share(pages, to="JPN")
    taken = feeds.hand(odd, to="JPN")
    assert (taken.fate, taken.faults) == (Fate.TAKEN, ("warning.malformed",))
    assert taken.received[0].blocks == ()


def test_a_writer_goes_on_where_its_file_ends_and_never_before(feeds: Feeds) -> None:
    """After a start the key pages and the last page are enough; what shows more to have been said stops it."""
    pages = _say(feeds, 1, 2, 3)
    member = feeds.world.parties["USA"]
    anew = feeds.make_channel(member)
    anew.restore(_parse(feeds, pages[0]), at=T0)
    anew.restore(_parse(feeds, pages[3]), at=T0)
    anew.say(make_block(1, first=4), at=T0)
    (page,) = anew.write(T0, salt=b"\x08" * 32)
    assert _parse(feeds, page).header.previous == pages[3].digest
    assert _numbers(feeds.share([*pages, page], to="JPN")) == [1, 2, 3, 4]
    older = feeds.make_channel(member)
    older.restore(_parse(feeds, pages[0]), at=T0)
    older.restore(_parse(feeds, pages[2]), at=T0)
    (outlet,) = older.outlets()
    assert not outlet.check_known(pages[3].number, pages[3].digest)
    older.say(make_block(1, first=4), at=T0)
    assert older.write(T0, salt=b"\x08" * 32) == ()


def test_a_reader_goes_on_where_it_was_and_says_of_nothing_before_that_it_lacks(feeds: Feeds) -> None:
    """After a start key pages and the last page are enough; a page from before that comes again leaves no gap."""
    pages = _say(feeds, 1, 2, 3, 4)
    anew = feeds.make_channel(feeds.world.parties["JPN"])
    for page in (pages[0], pages[3]):
        anew.restore(_parse(feeds, page), at=T0)
    told = [anew.take(page.raw, T0) for page in (pages[4], pages[1], pages[3])]
    assert [[_numbers(list(one.blocks)) for one in taken.received] for taken in told] == [[[4]], [[1]], []]
    (inlet,) = anew.intake.inlets()
    assert (inlet.missing_count, inlet.is_forked) == (0, False)


def test_an_anchor_is_held_against_what_came(feeds: Feeds) -> None:
    """W31: it names the page that is here, one that has not come, or another than was sent here."""
    pages = _say(feeds, 1, 2)
    (anchor,) = feeds.channels["USA"].find_anchors()
    assert anchor == Anchor(ALL, 0, 2, pages[2].digest)
    jpn = feeds.channels["JPN"].intake
    assert jpn.find_anchor_fault("USA", anchor) is AnchorFault.AHEAD
    feeds.share(pages, to="JPN")
    assert jpn.find_anchor_fault("USA", anchor) is None
    other = anchor._replace(page=Digest(b"\x05" * 32))
    assert jpn.find_anchor_fault("USA", other) is AnchorFault.DIFFERS


def test_memory_of_a_journal_is_bounded_whatever_its_author_signs(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of pages far before the last nothing is remembered; one of them that comes again is passed over."""
    monkeypatch.setattr("comity.warning.inlet.WARNING_WINDOW_PAGE_COUNT", 4)
    pages = _say(feeds, *range(1, 11))
    feeds.share(pages, to="JPN")
    (inlet,) = feeds.channels["JPN"].intake.inlets()
    assert len(inlet._known) == len(inlet._numbers) == 4
    assert [feeds.hand(page, to="JPN").fate for page in (pages[1], pages[-1])] == [Fate.PASSED, Fate.DUPLICATE]


def test_runs_of_missing_pages_are_bounded(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    """An author who leaves out every second number costs a bounded list; the first runs are given up early."""
    monkeypatch.setattr("comity.warning.inlet.WARNING_GAP_COUNT_MAX", 2)
    pages = _say(feeds, *range(1, 11))
    feeds.share(pages[::2], to="JPN")
    lost = feeds.channels["JPN"].give_up(T0)
    assert [gap.first for gap in lost] == [1, 3, 5]


def test_pages_without_a_key_are_kept_in_bounds(feeds: Feeds) -> None:
    """The oldest go, and are counted; the key then opens the rest."""
    pages = _say(feeds, *range(1, 6))
    size = len(pages[1].raw)
    intake = feeds.channels["JPN"].intake
    feeds.hand(pages[1], to="JPN")
    shelf = intake._keyless["USA"]
    shelf._size_bytes_max = 3 * size + 10
    for page in pages[2:]:
        feeds.hand(page, to="JPN")
    assert (intake.count_held("USA"), intake.count_dropped("USA")) == (3, 2)
    assert _numbers(feeds.share([pages[0]], to="JPN")) == [3, 4, 5]


def test_gaps_are_filled_from_anywhere(feeds: Feeds) -> None:
    """A run that lacks is cut in two by a page from its middle, and is gone with the last."""
    (outlet_id,) = {page.journal for page in _say(feeds, 1)}
    suite = feeds.world.suite
    inlet = Inlet(outlet_id, outlet_id.find_digest(suite))
    pages = [_parse(feeds, page) for page in _say(feeds, *range(2, 9))]
    inlet.place(pages[0], T0)
    inlet.place(pages[6], T0)
    assert inlet.missing_count == 5
    for index, left in ((3, 4), (1, 3), (5, 2), (2, 1), (4, 0)):
        inlet.place(pages[index], T0)
        assert inlet.missing_count == left
    assert digest(suite, "page", pages[0].header_raw) in inlet.find_page(pages[0].header.number)
