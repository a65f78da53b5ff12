"""Forks, disputes, witnesses, cuts: views over the set of pages, whatever order they came in (J12, J16, J19)."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from comity.base.names import Digest
from comity.journal.branch import Book, Placed
from comity.journal.header import Feed, SeenHead
from comity.journal.ledger import Standing
from comity.journal.trail import Trail
from comity.journal.witness import Witnesses
from comity.journal.writer import sign_checkpoint
from kit.forgery import forge, head_of, restore, take_all
from kit.world import T0, Member, World

WORDS = b"\x92\xa4Said\xa5words"
WE = b"\x92\xa4Said\xa2we"
NO = b"\x92\xa4Said\xa2no"


def _fork(world: World) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """USA tells all one thing, then forks: a shared trunk, a branch of two pages, a branch of one."""
    usa = world.parties["USA"]
    journal = usa.journal("JPN", "KOR")
    trunk = usa.say(journal, WORDS)
    epoch = usa.epochs[journal.find_digest(world.suite)]
    twin = restore(usa, [*usa.raws])
    twin.epochs[journal.find_digest(world.suite)] = epoch
    return trunk, [*usa.say(journal, WE), *usa.say(journal, WE)], twin.say(journal, NO)


def _standing(member: Member, raws: list[bytes]) -> list[str]:
    placed = [member.ledger.find_page(member.parse(raw).digest) for raw in raws]
    return [member.ledger.find_standing(page).value if page else "not here" for page in placed]


def test_a_page_is_disputed_where_another_signed_for_its_rival(world: World) -> None:
    """KOR was shown the short branch: the long one is disputed from the fork on, and nothing else is."""
    jpn, kor = world.parties["JPN"], world.parties["KOR"]
    born = list(jpn.raws)
    trunk, long, short = _fork(world)
    take_all(kor, [*trunk, *short])
    receipt = kor.see("JPN", "USA")
    assert receipt is not None
    pages = [*trunk[1:], *long, *short, receipt]
    for order in permutations(pages):
        reader = restore(jpn, [*born, trunk[0]])
        for raw in order:
            reader.take(raw)
        assert _standing(reader, [*trunk, *long, *short]) == ["good"] * 2 + ["disputed"] * 2 + ["good"]
        assert reader.ledger.unrest > 0


def test_what_puts_a_page_in_doubt_is_named_with_its_place(world: World) -> None:
    """For a disputed page the first page of each witness that names the rival; for a good one nothing."""
    jpn, kor = world.parties["JPN"], world.parties["KOR"]
    trunk, long, short = _fork(world)
    take_all(kor, [*trunk, *short])
    receipt = kor.see("JPN", "USA")
    assert receipt is not None
    take_all(jpn, [*trunk, *long, *short, receipt])
    placed = {raw: jpn.ledger.find_page(jpn.parse(raw).digest) for raw in (*long, *short)}
    doubts = {raw: jpn.ledger.find_doubts(page) for raw, page in placed.items() if page}
    named = {jpn.parse(receipt).journal: 0}
    assert doubts == {long[0]: named, long[1]: named, short[0]: {}}
    rival = placed[short[0]]
    assert rival is not None
    assert jpn.ledger.witnesses.is_named_by("KOR", rival)
    assert not jpn.ledger.witnesses.is_named_by("USA", rival)


def test_the_author_cannot_dispute_its_own_page(world: World) -> None:
    """Nobody escapes his word by naming his own rival page."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    trunk, long, short = _fork(world)
    take_all(jpn, [*trunk, *long, *short])
    twin = restore(usa, [*usa.raws[:3], *trunk, *short])
    own = twin.say(twin.journal("JPN"), WORDS)
    assert head_of(twin, short[0]) in twin.parse(own[0]).header.seen
    take_all(jpn, own)
    assert _standing(jpn, long) == ["good"] * 2


def test_a_head_with_the_wrong_number_disputes_nothing(world: World) -> None:
    """What is named is a page at a number; a slip names neither."""
    jpn, kor = world.parties["JPN"], world.parties["KOR"]
    trunk, long, short = _fork(world)
    take_all(jpn, [*trunk, *long, *short])
    take_all(kor, [*trunk, *short])
    receipt = kor.see("JPN", "USA")
    assert receipt is not None
    seen = tuple(
        SeenHead(head.journal, 9, head.page) if head == head_of(kor, short[0]) else head
        for head in kor.parse(receipt).header.seen
    )
    assert take_all(jpn, [forge(kor, receipt, seen=seen)]) == ["accepted"]
    assert _standing(jpn, long) == ["good"] * 2


def test_a_checkpoint_witnesses_like_a_receipt(world: World) -> None:
    """J16: in `seen` or in a checkpoint."""
    jpn, kor = world.parties["JPN"], world.parties["KOR"]
    trunk, long, short = _fork(world)
    take_all(jpn, [*trunk, *long, *short])
    take_all(kor, [*trunk, *short])
    journal = kor.journal("JPN", "USA")
    opened = kor.open_epoch(journal)
    statement = kor.writer.find_checkpoint_statement(journal)
    body = sign_checkpoint(
        journal=journal, statement=statement, checkpoint_secret=kor.secrets.checkpoint, ceremony=world.ceremony
    )
    checkpoint = forge(kor, kor.writer.build_checkpoint(kor.draft(journal), body), seen=())
    silent = forge(kor, opened[0], seen=())
    body = sign_checkpoint(
        journal=journal,
        statement=type(statement)(0, jpn.parse(silent).digest, statement.heads),
        checkpoint_secret=kor.secrets.checkpoint,
        ceremony=world.ceremony,
    )
    checkpoint = forge(kor, checkpoint, body=body, previous=jpn.parse(silent).digest)
    assert take_all(jpn, [silent]) == ["accepted"]
    assert _standing(jpn, long) == ["good"] * 2
    assert take_all(jpn, [checkpoint]) == ["accepted"]
    assert _standing(jpn, long) == ["disputed"] * 2


def test_every_branch_of_a_fork_is_named_once(world: World) -> None:
    """A rival's tip is witnessed though its number lies before one that was named on the other branch."""
    jpn = world.parties["JPN"]
    trunk, long, short = _fork(world)
    take_all(jpn, [*trunk, *long])
    assert jpn.see("KOR", "USA") is not None
    take_all(jpn, short)
    journal = jpn.journal("KOR", "USA")
    assert jpn.ledger.find_unnamed(journal) == (head_of(jpn, short[0]),)
    receipt = jpn.see("KOR", "USA")
    assert receipt is not None
    assert jpn.parse(receipt).header.seen == (head_of(jpn, short[0]),)
    assert jpn.ledger.find_unnamed(journal) == ()
    assert jpn.see("KOR", "USA") is None


def test_of_two_rivals_at_one_number_each_is_named(world: World) -> None:
    """Equal numbers, different pages: the second is news."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    trunk, long, short = _fork(world)
    take_all(jpn, [*trunk, long[0]])
    jpn.see("KOR", "USA")
    take_all(jpn, short)
    assert jpn.ledger.find_unnamed(jpn.journal("KOR", "USA")) == (head_of(usa, short[0]),)
    assert jpn.ledger.find_page(jpn.parse(short[0]).digest) is not None


def test_only_journals_that_the_whole_audience_may_read_are_named(world: World) -> None:
    """J12: a bilateral leaves no gap, count or number that a third could notice."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    secret = usa.say(usa.journal("JPN"), WORDS)
    take_all(jpn, secret)
    bilateral = secret[0]
    wide = {head.journal for head in jpn.ledger.find_unnamed(jpn.journal("KOR", "USA"))}
    narrow = {head.journal for head in jpn.ledger.find_unnamed(jpn.journal("USA"))}
    own = {head.journal for head in jpn.ledger.find_unnamed(jpn.journal())}
    assert jpn.parse(bilateral).journal not in wide
    assert jpn.parse(bilateral).journal in narrow & own
    assert wide < narrow


def test_what_is_missing_does_not_depend_on_who_said_so_first(world: World) -> None:
    """Two witnesses name one page: in any order the same of them is shown, until the page comes."""
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    born = list(jpn.raws)
    said = usa.say(usa.journal("JPN", "KOR"), WORDS)
    receipts = []
    for witness in (jpn, kor):
        take_all(witness, said)
        receipt = witness.see(*(name for name in world.names if name != witness.name))
        assert receipt is not None
        receipts.append(receipt)
    found = set()
    for order in (receipts, receipts[::-1]):
        reader = restore(jpn, [*born, said[0]])
        take_all(reader, order)
        (missing,) = reader.ledger.find_missing()
        assert missing.head == head_of(usa, said[1])
        found.add(missing.witness.digest)
        confirmed = reader.ledger.witnesses.find_confirmed(usa.parse(said[0]).journal)
        assert {party: number for party, (number, _) in confirmed.items()} == {"JPN": 1, "KOR": 1}
        take_all(reader, said[1:])
        assert reader.ledger.find_missing() == ()
    assert len(found) == 1


def test_a_reader_confirms_its_highest_number(world: World) -> None:
    """Of several pages that name one number, the earliest clock says since when."""
    usa, kor = world.parties["USA"], world.parties["KOR"]
    first = usa.say(usa.journal("JPN", "KOR"), WORDS)
    take_all(kor, first)
    kor.see("JPN", "USA")
    second = usa.say(usa.journal("JPN", "KOR"), WORDS)
    take_all(kor, second)
    kor.see("JPN", "USA")
    confirmed = kor.ledger.witnesses.find_confirmed(usa.parse(first[0]).journal)
    assert confirmed["KOR"][0] == 2
    assert Witnesses().find_confirmed(Digest(bytes(32))) == {}


def test_a_cut_runs_through_the_authors_own_journals(world: World) -> None:
    """J12: what JPN had when it spoke to USA alone counts when it speaks to all, since it is one author."""
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    to_jpn = usa.say(usa.journal("JPN"), WORDS)
    take_all(jpn, to_jpn)
    answer = jpn.say(jpn.journal("USA"), WORDS)
    watch = jpn.say(jpn.journal(), WORDS)
    journal = jpn.parse(to_jpn[0]).journal
    placed = jpn.ledger.find_page(jpn.parse(watch[-1]).digest)
    assert placed is not None
    cut = jpn.ledger.find_cut(placed)
    assert cut[journal] == 1
    assert cut[jpn.parse(answer[0]).journal] == 1
    wide = jpn.say(jpn.journal("KOR", "USA"), WORDS)
    placed_wide = jpn.ledger.find_page(jpn.parse(wide[-1]).digest)
    assert placed_wide is not None
    assert journal not in jpn.ledger.find_cut(placed_wide)
    take_all(kor, wide)
    seen_there = kor.ledger.find_page(kor.parse(wide[-1]).digest)
    assert seen_there is not None
    assert kor.ledger.find_cut(seen_there) == jpn.ledger.find_cut(placed_wide)


def test_a_cut_is_whole_when_every_page_in_it_is_here(world: World) -> None:
    """And its latest clock is one that the author had seen, though its own clock be slow."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    born = list(jpn.raws)
    said = usa.say(usa.journal("JPN", "KOR"), WORDS)
    take_all(jpn, said)
    jpn.now = T0
    answer = jpn.say(jpn.journal("KOR", "USA"), WORDS)
    reader = restore(world.parties["KOR"], [*born, said[0], *answer])
    page = reader.ledger.find_page(reader.parse(answer[-1]).digest)
    assert page is not None
    assert not reader.ledger.has_whole_cut(page)
    take_all(reader, said[1:])
    assert reader.ledger.has_whole_cut(page)
    assert page.header.written_at < reader.ledger.find_latest_at(page) == usa.parse(said[1]).header.written_at


def test_a_cut_reaches_back_through_two_of_the_authors_journals(world: World) -> None:
    """Watch log → bilateral → what USA said: each step is a signed head of the same author."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    to_all = usa.say(usa.journal("JPN", "KOR"), WORDS)
    take_all(jpn, to_all)
    bilateral = jpn.say(jpn.journal("USA"), WORDS)
    watch = jpn.say(jpn.journal(), WORDS)[0]
    only_own = tuple(head for head in jpn.parse(watch).header.seen if head.page == jpn.parse(bilateral[-1]).digest)
    assert len(only_own) == 1
    reader = restore(jpn, [*jpn.raws[:3], *to_all, *bilateral])
    bare = forge(jpn, watch, seen=only_own)
    assert take_all(reader, [bare]) == ["accepted"]
    placed = reader.ledger.find_page(reader.parse(bare).digest)
    assert placed is not None
    assert reader.ledger.find_cut(placed)[reader.parse(to_all[0]).journal] == 1


def test_a_long_journal_is_let_go_of(world: World) -> None:
    """Pages hang on one another; half a million of them go without half a million calls within one another."""
    usa = world.parties["USA"]
    page = usa.parse(usa.raws[0])
    tip: Placed | None = None
    for _ in range(500_000):
        tip = Placed(page.header, page.digest, page.journal, tip, Trail(), Trail())
    assert tip is not None
    assert sum(1 for _ in tip.walk_back()) == 500_000
    del tip


def test_a_head_named_again_at_a_lower_number_takes_nothing_back(world: World) -> None:
    """What was known stays known along a branch."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    said = usa.say(usa.journal("JPN"), WORDS)
    take_all(jpn, said)
    first, second = jpn.say(jpn.journal("USA"), WORDS)
    back = forge(jpn, second, seen=(head_of(usa, said[0]),))
    reader = restore(jpn, [*jpn.raws[:3], *said, first, back])
    placed = reader.ledger.find_page(reader.parse(back).digest)
    assert placed is not None
    assert reader.ledger.find_cut(placed)[reader.parse(said[0]).journal] == 1
    named = placed.named.find(reader.parse(said[0]).journal)
    assert named is not None
    assert named.page == reader.parse(said[1]).digest


@pytest.mark.parametrize("is_journal", [True, False])
def test_a_false_name_brings_no_cut(world: World, *, is_journal: bool) -> None:
    """J12: USA names a page of its own by another journal or number, and so does not say what it knew there."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    told = jpn.say(jpn.journal("USA"), WORDS)
    take_all(usa, told)
    own = usa.say(usa.journal("JPN"), WORDS)
    wide = usa.say(usa.journal("JPN", feed=Feed.WARNING), WORDS)
    true = head_of(usa, own[-1])
    false = SeenHead(Digest(bytes(32)), true.number, true.page) if is_journal else replace(true, number=true.number + 1)
    for name, is_known in ((true, True), (false, False)):
        page = forge(usa, wide[0], seen=(name,))
        reader = restore(jpn, [*jpn.raws[:3], *told, *own, page])
        placed = reader.ledger.find_page(reader.parse(page).digest)
        assert placed is not None
        assert (reader.parse(told[0]).journal in reader.ledger.find_cut(placed)) is is_known


def test_a_cut_grows_when_the_authors_own_page_comes_late(world: World) -> None:
    """J12: what it leads to is known only then; `hindsight` says that views of earlier pages have to look again."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    to_jpn = usa.say(usa.journal("JPN"), WORDS)
    take_all(jpn, to_jpn)
    bilateral = jpn.say(jpn.journal("USA"), WORDS)
    watch = jpn.say(jpn.journal(), WORDS)
    own = tuple(head for head in jpn.parse(watch[0]).header.seen if head.page == jpn.parse(bilateral[-1]).digest)
    bare = forge(jpn, watch[0], seen=own)
    reader = restore(jpn, [*jpn.raws[:3], *to_jpn, bilateral[0], bare])
    placed = reader.ledger.find_page(reader.parse(bare).digest)
    assert placed is not None
    before = reader.ledger.find_cut(placed)
    assert reader.ledger.hindsight == 0
    assert not reader.ledger.has_whole_cut(placed)
    reader.take(bilateral[1])
    assert reader.ledger.hindsight == 1
    assert reader.ledger.has_whole_cut(placed)
    assert reader.ledger.find_cut(placed).items() > before.items()
    assert reader.ledger.find_latest_at(placed) >= reader.parse(bilateral[1]).header.written_at


def test_what_makes_a_page_disputed_is_named(world: World) -> None:
    """P22 asks who knew: the first page of each journal of another author that names the rival branch."""
    jpn, kor = world.parties["JPN"], world.parties["KOR"]
    trunk, long, short = _fork(world)
    take_all(kor, [*trunk, *short])
    first = kor.see("JPN", "USA")
    assert first is not None
    second = kor.say(kor.journal("JPN", "USA"), WORDS)
    take_all(jpn, [*trunk, *long, *short, first, *second])
    for raw in long:
        placed = jpn.ledger.find_page(jpn.parse(raw).digest)
        assert placed is not None
        assert jpn.ledger.find_doubts(placed) == {jpn.parse(first).journal: 0}
    good = jpn.ledger.find_page(jpn.parse(short[0]).digest)
    assert good is not None
    assert jpn.ledger.find_doubts(good) == {}


def test_a_rivals_name_confirms_nothing(world: World) -> None:
    """J15: KOR signed for the short branch; where only the long one is held, it has confirmed the trunk alone."""
    jpn, kor = world.parties["JPN"], world.parties["KOR"]
    trunk, long, short = _fork(world)
    take_all(kor, trunk)
    kor.see("JPN", "USA")
    take_all(kor, short)
    kor.see("JPN", "USA")
    receipts = [raw for raw in kor.raws if kor.parse(raw).header.journal.author == "KOR"][1:]
    assert len(receipts) == 2
    journal = kor.parse(trunk[0]).journal
    reader = restore(jpn, [*jpn.raws, *trunk, *long, *receipts])
    assert reader.ledger.witnesses.find_confirmed(journal)["KOR"][0] == 1
    take_all(reader, short)
    assert reader.ledger.witnesses.find_confirmed(journal)["KOR"][0] == 2
    bare = restore(jpn, [*jpn.raws, *trunk[:1], *receipts])
    assert bare.ledger.witnesses.find_confirmed(journal)["KOR"][0] == 2


def test_an_unforked_page_is_good(world: World) -> None:
    """And a book of an honest author has one tip."""
    usa = world.parties["USA"]
    said = usa.say(usa.journal("JPN"), WORDS)
    book = usa.ledger.find_book(usa.parse(said[0]).journal)
    assert book is not None
    assert [tip.digest for tip in book.find_tips()] == [usa.parse(said[-1]).digest]
    assert all(usa.ledger.find_standing(page) is Standing.GOOD for page in book.pages())
    assert Book(book.id, book.digest).find_tips() == ()
