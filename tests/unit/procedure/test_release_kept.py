"""What the funnel keeps is bounded, whoever asks and whatever is asked (decision 0034)."""

import msgspec
import pytest

from comity.pact.agreement import AgreementState
from comity.procedure import interning, rulings
from comity.procedure.entry import Marking
from comity.procedure.interning import intern_marking, is_short
from comity.procedure.release import decide
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.rulings import Rulings, RulingTable
from comity.procedure.verdict import FUNNEL, Permit, Reason, Subject, Withheld
from kit.releasing import camp_david_terms, ground, item_of, marking


def fresh_terms() -> ReleaseTerms:
    """The default pact, of which nothing has been asked."""
    return compile_terms(camp_david_terms().pact)


def count_kept(table: RulingTable) -> int:
    """How many rulings a table holds."""
    return sum(map(len, table.values()))


def spell(number: int) -> Marking:
    """One of many markings that can be read: different topics and lists."""
    topics = sorted(camp_david_terms().topics)
    chosen = tuple(topic for place, topic in enumerate(topics) if number >> place & 1)
    return marking(topics=chosen or topics[:1])


def test_a_ruling_is_kept_once_and_given_again() -> None:
    """The same marking between the same two is worked out once, for every ground on which the same is in force."""
    terms = fresh_terms()
    first = decide(item_of(marking()), holder="JPN", to="KOR", ground=ground(terms=terms))
    again = decide(item_of(marking()), holder="JPN", to="KOR", ground=ground(terms=terms, as_of=ground().as_of))
    assert again is first
    assert count_kept(ground(terms=terms).rulings) == 1


def test_what_is_full_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many markings come, all tables together hold no more than the bound, and what comes next is kept."""
    monkeypatch.setattr(rulings, "RULING_COUNT_MAX", 5)
    terms = fresh_terms()
    grounds = [ground(terms=terms), ground(terms=terms, states={"jpn-kor-gsomia": AgreementState.ENDED})]
    for number in range(1, 60):
        given, on = item_of(spell(number)), grounds[number % 3 % 2]
        decided = decide(given, holder="JPN", to="USA", ground=on)
        assert 1 <= sum(count_kept(one.rulings) for one in grounds) <= 5
        assert decide(given, holder="JPN", to="USA", ground=on) is decided


def test_what_cannot_be_read_is_not_kept() -> None:
    """Words that the pact does not have, and strangers, leave nothing behind."""
    on = ground(terms=fresh_terms())
    for odd in (marking("JPN", "ODD"), marking("XXX", "ODD"), marking(topics=["odd"]), marking(caveats=["ODD"])):
        decide(item_of(odd), holder="JPN", to="KOR", ground=on)
    decide(item_of(marking()), holder="AUS", to="KOR", ground=on)
    decide(item_of(marking()), holder="JPN", to="AUS", ground=on)
    decide(item_of(marking()), holder="JPN", to="JPN", ground=on)
    assert count_kept(on.rulings) == 0


def test_what_is_long_is_decided_and_not_kept() -> None:
    """A list of many caveats is lawful, is answered, and takes no room."""
    on = ground(terms=fresh_terms())
    lists = ("REL TO JPN, KOR", "REL TO JPN, KOR, USA", "REL TO KOR", "REL TO KOR, USA")
    short = marking(caveats=lists)
    long = marking(caveats=("ORCON", *lists))
    assert isinstance(decide(item_of(long), holder="JPN", to="KOR", ground=on), Permit)
    assert count_kept(on.rulings) == 0
    assert isinstance(decide(item_of(short), holder="JPN", to="KOR", ground=on), Permit)
    assert count_kept(on.rulings) == 1


def test_grounds_share_a_table_and_old_ones_are_dropped() -> None:
    """Grounds with the same operative agreements share one table; of many such sets the last used few are kept."""
    terms = fresh_terms()
    suspended = ground(terms=terms, states={"jpn-kor-gsomia": AgreementState.SUSPENDED})
    ended = ground(terms=terms, states={"jpn-kor-gsomia": AgreementState.ENDED})
    assert suspended.rulings is ended.rulings
    assert ground(terms=terms).rulings is not ended.rulings
    kept = Rulings()
    used = [kept.get_table(frozenset({str(number)})) for number in range(rulings.TABLE_COUNT_MAX)]
    assert kept.get_table(frozenset({"0"})) is used[0]
    kept.get_table(frozenset({"another"}))
    assert kept.get_table(frozenset({"0"})) is used[0]
    assert kept.get_table(frozenset({"1"})) is not used[1]


def test_a_table_that_was_dropped_counts_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rulings are no longer kept; a ground that still holds it cannot make it grow without end."""
    monkeypatch.setattr(rulings, "RULING_COUNT_MAX", 6)
    monkeypatch.setattr(rulings, "TABLE_COUNT_MAX", 1)
    terms = fresh_terms()
    old = ground(terms=terms)
    for number in range(1, 6):
        decide(item_of(spell(number)), holder="JPN", to="USA", ground=old)
    new = ground(terms=terms, states={"jpn-kor-gsomia": AgreementState.ENDED})
    for number in range(1, 6):
        decide(item_of(spell(number)), holder="JPN", to="USA", ground=new)
    assert count_kept(new.rulings) == 5
    for number in range(6, 60):
        decide(item_of(spell(number)), holder="JPN", to="USA", ground=old)
        assert count_kept(old.rulings) <= 11


def test_equal_markings_become_one_object() -> None:
    """Two subjects with markings that came apart hold the same one."""
    one, other = Subject((marking(),)), Subject((marking(),))
    assert one.markings[0] is other.markings[0]


def test_the_pool_of_markings_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody fills it for ever, by number or by size; what is too long stays as it came."""
    monkeypatch.setattr(interning, "MARKING_COUNT_MAX", 3)
    pool: dict[Marking, Marking] = {}
    monkeypatch.setattr(interning, "_POOL", pool)
    for number in range(10):
        given = marking("JPN", str(number), topics=["cyber"], caveats=["ORCON"])
        assert intern_marking(given) == given
        assert 1 <= len(pool) <= 3
    pool.clear()
    for long in (
        marking("JPN", "x" * 257),
        marking("x" * 257),
        marking(topics=[str(number) for number in range(9)]),
        marking(caveats=[str(number) for number in range(5)]),
        marking(topics=["x" * 128], caveats=["x" * 128]),
    ):
        assert intern_marking(long) is long
    assert not pool


def test_the_bound_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many rulings as it says are kept, and one more empties the tables; then as many are kept again."""
    monkeypatch.setattr(rulings, "RULING_COUNT_MAX", 5)
    kept, ruling = Rulings(), Withheld(FUNNEL, Reason.UNMARKED)
    table = kept.get_table(frozenset())
    counts = []
    for number in range(1, 14):
        kept.keep(ruling, table=table, marking=spell(number), holder="JPN", to="KOR")
        counts.append(count_kept(table))
    assert counts == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3]


def test_a_ruling_is_kept_between_two_and_for_one_marking() -> None:
    """What was said of one recipient, or to one holder, is not said of another."""
    kept, table = Rulings(), Rulings().get_table(frozenset())
    ruling = Withheld(FUNNEL, Reason.UNMARKED)
    kept.keep(ruling, table=table, marking=marking(), holder="JPN", to="KOR")
    assert table == {("JPN", "KOR"): {marking(): ruling}}


def test_a_pool_that_is_not_full_is_not_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of equal markings stands for all of them, whatever came in between; one more than fit empties it."""
    monkeypatch.setattr(interning, "MARKING_COUNT_MAX", 3)
    monkeypatch.setattr(interning, "_POOL", {})
    first = intern_marking(spell(1))
    intern_marking(spell(2))
    intern_marking(spell(3))
    assert intern_marking(spell(1)) is first
    intern_marking(spell(4))
    assert intern_marking(spell(1)) is not first


LARGEST = Marking("x" * 50, "x" * 50, "x" * 50, ("x" * 25, "y" * 25), ("x" * 28, "y" * 28))
"""Of two hundred and fifty-six characters."""


@pytest.mark.parametrize("word", ["originator", "scheme", "level", "topics", "caveats"])
def test_all_words_of_a_marking_count_to_its_size(word: str) -> None:
    """The largest is short, and one more character in any word makes it long."""
    assert is_short(LARGEST) is True
    found = getattr(LARGEST, word)
    longer = f"{found}x" if isinstance(found, str) else (f"{found[0]}x", *found[1:])
    assert is_short(msgspec.structs.replace(LARGEST, **{word: longer})) is False


def test_eight_topics_and_four_caveats_are_few() -> None:
    """One more of either is many, whatever their size."""
    names = [str(number) for number in range(9)]
    assert is_short(marking(topics=names[:8], caveats=names[:4])) is True
    assert is_short(marking(topics=names[:9], caveats=names[:4])) is False
    assert is_short(marking(topics=names[:8], caveats=names[:5])) is False
