"""A new key opens a new incarnation; what its root leaves out is disowned, whenever it comes (J14, J17)."""

from itertools import permutations

from comity.base.encoding import encode
from comity.journal.header import Feed
from comity.journal.ledger import Verdict
from comity.journal.statement import Succession, sign_statement
from kit.forgery import begin_again, forge, genesis_of, head_of, restore, sign_closure, take_all
from kit.world import Member, World

WORDS = b"\x92\xa4Said\xa5words"


def _standing(member: Member, raws: list[bytes]) -> list[str]:
    placed = [member.ledger.find_page(member.parse(raw).digest) for raw in raws]
    return [member.ledger.find_standing(page).value if page else "not here" for page in placed]


def _second_life(world: World) -> tuple[list[bytes], list[bytes]]:
    """USA says three things to JPN, loses its key after the second, and begins again: old pages, new pages."""
    usa = world.parties["USA"]
    old = [
        *usa.say(usa.journal("JPN"), WORDS),
        *usa.say(usa.journal("JPN"), WORDS),
        *usa.say(usa.journal("JPN"), WORDS),
    ]
    born = begin_again(usa, genesis_of(usa))
    journal = usa.journal("JPN")
    new = usa.open_epoch(journal, opening=(sign_closure(usa, journal, old[2]),))
    return old, [born, *new, *usa.say(journal, WORDS)]


def test_pages_after_the_last_good_one_are_disowned(world: World) -> None:
    """They bind their author and never count as consent; the ones before keep their standing."""
    jpn = world.parties["JPN"]
    old, new = _second_life(world)
    assert take_all(jpn, [*old, *new]) == ["accepted"] * 7
    assert _standing(jpn, [*old, *new]) == ["good"] * 3 + ["disowned"] + ["good"] * 3


def test_disowned_pages_are_disowned_in_any_order_of_arrival(world: World) -> None:
    """A page that comes after the closure gets no better standing than one that came before it."""
    jpn = world.parties["JPN"]
    born = list(jpn.raws)
    old, new = _second_life(world)
    for order in permutations([old[2], old[3], new[0], new[1]]):
        reader = restore(jpn, [*born, *old[:2]])
        for raw in order:
            reader.take(raw)
        assert reader.ledger.held() == ()
        assert _standing(reader, [*old, *new[:2]]) == ["good"] * 3 + ["disowned"] + ["good"] * 2
        assert reader.ledger.unrest > 0


def test_while_the_last_good_page_is_not_here_those_before_it_stand(world: World) -> None:
    """Nothing shows them to be on another branch; what lies beyond its number is disowned all the same."""
    jpn = world.parties["JPN"]
    born = list(jpn.raws)
    old, new = _second_life(world)
    reader = restore(jpn, [*born, *old[:2], *new[:2]])
    assert _standing(reader, old[:2]) == ["good"] * 2
    assert take_all(reader, [old[3]]) == ["held page.gap"]


def test_another_branch_than_the_last_good_pages_is_disowned(world: World) -> None:
    """The thief of a key forks before the last good page: what he said is left out, whichever way he numbered it."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    secret = usa.secrets.node
    old, new = _second_life(world)
    theft = forge(usa, old[2], secret=secret, salt=bytes(32))
    assert take_all(jpn, [*old, theft, *new]) == ["accepted"] * 8
    assert _standing(jpn, [*old, theft]) == ["good"] * 3 + ["disowned"] * 2


def test_an_incarnation_that_no_closure_names_is_closed_before_its_first_page(world: World) -> None:
    """J14: a page 0 without a closure leaves out everything before."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    old = usa.say(usa.journal("JPN"), WORDS)
    born = begin_again(usa)
    new = usa.open_epoch(usa.journal("JPN"))
    assert take_all(jpn, [*old, born, *new]) == ["accepted"] * 4
    assert _standing(jpn, [genesis_of(usa), *old, born, *new]) == ["disowned"] * 3 + ["good"] * 2


def test_a_closure_that_names_a_page_of_another_number_names_none(world: World) -> None:
    """The root's slip is no reason to disown what it can't have meant: number and page must fit each other."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    old = usa.say(usa.journal("JPN"), WORDS)
    born = begin_again(usa)
    journal = usa.journal("JPN")
    raw = usa.open_epoch(journal)[0]
    wrong = sign_closure(usa, journal, forge(usa, old[0], number=1))
    assert take_all(jpn, [*old, born, forge(usa, raw, opening=(wrong,))]) == ["accepted"] * 4
    assert _standing(jpn, old) == ["good"] * 2


def test_pages_of_an_incarnation_wait_for_its_certificate(world: World) -> None:
    """The genesis page may come last."""
    jpn = world.parties["JPN"]
    old, new = _second_life(world)
    assert take_all(jpn, new[1:]) == ["held page.stranger"] * 2
    judged = jpn.take(new[0])
    assert [judgement.verdict for judgement in judged] == [Verdict.ACCEPTED] * 3
    assert take_all(jpn, old) == ["accepted"] * 4


def test_pages_under_a_second_certificate_are_accepted_in_any_order(world: World) -> None:
    """A root that certifies two keys for one incarnation has lied; every reader keeps both branches all the same."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    born = list(jpn.raws)
    twin = Member(world, "USA", usa.root, now=usa.now)
    take_all(twin, [raw for raw in born if usa.parse(raw).header.journal.author != "USA"])
    rival = twin.be_born()
    take_all(twin, [rival])
    said = twin.say(twin.journal("JPN"), WORDS)
    for order in permutations([rival, *said]):
        reader = restore(jpn, born)
        for raw in order:
            reader.take(raw)
        assert _standing(reader, [rival, *said]) == ["good"] * 3
        assert reader.ledger.held() == ()


def test_a_page_refused_for_its_signature_stays_refused(world: World) -> None:
    """New root statements give it another hearing, not another verdict; nobody is told of it twice."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys = usa.say(usa.journal("JPN"), WORDS)[0]
    forged = forge(usa, keys, secret=bytes(32))
    assert take_all(jpn, [forged]) == ["refused page.signature"]
    judged = jpn.take(begin_again(usa))
    assert [judgement.verdict for judgement in judged] == [Verdict.ACCEPTED]
    assert take_all(jpn, [forged, keys]) == ["refused page.signature", "accepted"]


def test_root_statements_may_come_before_or_after_what_they_carry(world: World) -> None:
    """A new root, its certificate, and a closure it signed: any order of page 0, succession and record page."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    before = list(jpn.raws)
    old = usa.say(usa.journal("JPN"), WORDS)
    next_root = world.next_roots["USA"]
    keys = next_root.find_public(world.suite)
    body = Succession(world.lineage, "USA", keys.ed25519, keys.mldsa, bytes(32), 1)
    succession = sign_statement(body, usa.root, suite=world.suite, ceremony=world.ceremony)
    usa.root = next_root
    usa.ledger.learn((succession,))
    born = begin_again(usa)
    journal = usa.journal("JPN")
    page = usa.open_epoch(journal, opening=(sign_closure(usa, journal, old[1]),))[0]
    for order in permutations(["born", "page", "succession"]):
        reader = restore(jpn, [*before, *old])
        for what in order:
            if what == "succession":
                reader.ledger.learn((succession,))
            else:
                reader.take(born if what == "born" else page)
        assert reader.ledger.held() == ()
        assert _standing(reader, [born, page, *old]) == ["good"] * 4


def test_genesis_page_0_may_bring_the_successions_that_it_needs(world: World) -> None:
    """J14: successions first, then the certificate; a reader who heard nothing else believes it."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys = world.next_roots["USA"].find_public(world.suite)
    body = Succession(world.lineage, "USA", keys.ed25519, keys.mldsa, bytes(32), 1)
    succession = sign_statement(body, usa.root, suite=world.suite, ceremony=world.ceremony)
    usa.root = world.next_roots["USA"]
    certificate = usa.certify()
    born = genesis_of(usa)
    reader = Member(world, "JPN", jpn.root)
    assert take_all(reader, [forge(usa, born, opening=(certificate,))]) == ["refused statement.signature"]
    assert take_all(reader, [forge(usa, born, opening=(succession, certificate))]) == ["accepted"]
    assert len(list(reader.ledger.books()[0].pages())) == 2


def test_a_root_statement_counts_wherever_its_bytes_lie(world: World) -> None:
    """S11: in the opening of a page that is refused, and in an open entry of one; so the order never matters."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys = world.next_roots["USA"].find_public(world.suite)
    body = Succession(world.lineage, "USA", keys.ed25519, keys.mldsa, bytes(32), 1)
    succession = sign_statement(body, usa.root, suite=world.suite, ceremony=world.ceremony)
    usa.root = world.next_roots["USA"]
    certificate = usa.certify()
    born = genesis_of(usa)
    strange = encode((encode(("RootStatementPublished", succession)), b"\x91\x07"))
    carriers = {
        "refused page.opening": forge(usa, born, opening=(certificate, succession)),
        "refused page.signature": forge(usa, born, body=strange, entry_count=2, secret=bytes(32)),
    }
    for verdict, carrier in carriers.items():
        reader = Member(world, "JPN", jpn.root)
        assert take_all(reader, [carrier]) == [verdict]
        assert take_all(reader, [forge(usa, born, opening=(certificate,))]) == ["accepted"]


def test_a_succession_in_genesis_page_0_must_count(world: World) -> None:
    """J14: one to a root that was never pinned does not, and the page is refused though its certificate would do."""
    usa, jpn, kor = (world.parties[name] for name in ("USA", "JPN", "KOR"))
    keys = kor.root.find_public(world.suite)
    body = Succession(world.lineage, "USA", keys.ed25519, keys.mldsa, bytes(32), 1)
    succession = sign_statement(body, usa.root, suite=world.suite, ceremony=world.ceremony)
    born = genesis_of(usa)
    reader = Member(world, "JPN", jpn.root)
    page = forge(usa, born, opening=(succession, usa.certificate))
    assert take_all(reader, [page, born]) == ["refused statement.signature", "accepted"]


def test_the_new_journal_may_name_the_old_one(world: World) -> None:
    """They are different journals of one family; the cut runs through."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    _, new = _second_life(world)
    take_all(jpn, new)
    heads = usa.parse(new[1]).header.seen
    assert head_of(usa, new[0]) in heads


def test_a_statement_published_in_an_open_page_counts(world: World) -> None:
    """S11: whoever reads the page learns it, whatever else lies beside it; another entry is left to the folds."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    page = usa.say(usa.journal("JPN"), WORDS)[0]
    begin_again(usa)
    later = usa.open_epoch(usa.journal("JPN"))[0]
    author = restore(usa, [raw for raw in usa.raws if raw != page])
    entries = [WORDS, b"words", encode(("RootStatementPublished", b"words")), encode(("Other", usa.certificate))]
    genesis = author.journal(*world.names, feed=Feed.GENESIS)
    idle = author.writer.build_open(author.draft(genesis), entries)
    telling = author.writer.build_open(
        author.draft(genesis), [*entries, encode(("RootStatementPublished", usa.certificate))]
    )
    broken = forge(author, telling, body=b"\x91" + telling[:40])
    assert take_all(jpn, [later, idle, broken]) == ["held page.stranger"] * 3
    judged = jpn.take(telling)
    assert jpn.parse(later).digest in {
        one.page.digest for one in judged if one.page and one.verdict is Verdict.ACCEPTED
    }
