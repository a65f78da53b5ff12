"""The door of the ledger (docs/spec/journal.md, J11 to J19)."""

from itertools import permutations

from comity.journal.ledger import Standing, Verdict
from kit.world import Member, World

WORDS = b"\x92\xa4Said\xa5words"


def _met() -> World:
    world = World()
    world.meet()
    return world


def test_a_sealed_page_opens_at_every_reader_and_nowhere_else() -> None:
    """What USA says to JPN, JPN opens; KOR's door refuses the page."""
    world = _met()
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    raws = usa.say(usa.journal("JPN"), WORDS)
    for raw in raws:
        assert jpn.take(raw)[0].verdict is Verdict.ACCEPTED
        refused = kor.take(raw)[0]
        assert (refused.verdict, refused.code) == (Verdict.REFUSED, "page.other-audience")
    assert jpn.keyring.open(jpn.parse(raws[-1])).entries == (WORDS,)


def test_any_order_of_arrival_ends_in_one_state() -> None:
    """Genesis, key and entry pages may come in any order: what waits is judged again, and the end is the same."""
    world = _met()
    usa = world.parties["USA"]
    pages = [*usa.say(usa.journal("JPN"), WORDS), *usa.say(usa.journal("JPN"), WORDS)]
    genesis = next(
        raw
        for raw in usa.raws
        if usa.parse(raw).header.journal.feed == "genesis" and usa.parse(raw).header.journal.author == "USA"
    )
    for order in permutations([genesis, *pages]):
        fresh = Member(world, "JPN", world.parties["JPN"].root)
        for raw in order:
            fresh.take(raw)
        assert len(fresh.raws) == 4
        assert fresh.ledger.held() == ()


def _fork(world: World) -> tuple[bytes, bytes]:
    """USA writes two different pages with one number in its journal to all; neither is shared yet."""
    usa = world.parties["USA"]
    journal = usa.journal(*world.names)
    for raw in usa.say(journal, WORDS):
        world.share(raw)
    epoch, key = usa.epochs[journal.find_digest(world.suite)]
    left, right = (
        usa.writer.build_entries(usa.draft(journal), [entry], epoch=epoch, epoch_key=key)
        for entry in (b"\x92\xa4Said\xa2we", b"\x92\xa4Said\xa2no")
    )
    return left, right


def test_a_fork_is_kept_and_disputed_once_a_rival_is_witnessed() -> None:
    """Both branches stand; a page is disputed only when another party's signed heads name its rival."""
    world = _met()
    jpn, kor = world.parties["JPN"], world.parties["KOR"]
    left, right = _fork(world)
    jpn.take(left)
    judged = jpn.take(right)[0]
    assert judged.verdict is Verdict.ACCEPTED
    assert judged.is_fork
    pages = {raw: jpn.ledger.find_page(jpn.parse(raw).digest) for raw in (left, right)}
    assert all(page and jpn.ledger.find_standing(page) is Standing.GOOD for page in pages.values())
    kor.take(left)
    receipt = kor.see(*world.names)
    assert receipt is not None
    jpn.take(receipt)
    standing = {raw: jpn.ledger.find_standing(page) for raw, page in pages.items() if page}
    assert standing == {left: Standing.GOOD, right: Standing.DISPUTED}


def test_a_head_that_is_not_held_is_missing_and_names_its_witness() -> None:
    """A truncated tail shows where anyone's signed heads name a page beyond it."""
    world = _met()
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    raws = usa.say(usa.journal(*world.names), WORDS)
    for raw in raws:
        kor.take(raw)
    jpn.take(raws[0])
    receipt = kor.see(*world.names)
    assert receipt is not None
    jpn.take(receipt)
    (missing,) = jpn.ledger.find_missing()
    assert missing.head.number == 1
    assert missing.witness.header.journal.author == "KOR"
    jpn.take(raws[1])
    assert jpn.ledger.find_missing() == ()
