"""Items of format 2: kinds of portion, assessments, expiry; and that format 1 is read for ever (R35 to R38)."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.api import words
from comity.api.terms import say_term
from comity.api.words import LANGUAGES
from comity.base.encoding import encode
from comity.base.errors import RemoteError, UsageError
from comity.base.instants import Instant
from comity.procedure import item as room
from comity.procedure.assessment import PERCENT, Assessment, Confidence, Likelihood
from comity.procedure.attachment import Attachment
from comity.procedure.banner import find_banner
from comity.procedure.item import (
    Head,
    Item,
    Portion,
    PortionKind,
    check_portions,
    find_format,
    make_item,
    open_rendition,
)
from comity.procedure.judgement import judge_received
from comity.procedure.sharing import Basis, ItemGiven, ItemPassedOn
from comity.procedure.threat import Credibility, Reliability
from comity.procedure.verdict import Reason, Withheld
from kit.releasing import (
    BY_HUB_ONLY,
    ITEM,
    LINEAGE,
    NOW,
    REALM,
    SEEDS,
    SUITE,
    camp_david_terms,
    consent_check,
    keys_of,
    marking,
    stated,
)

TERMS = camp_david_terms()
END = Instant(NOW + 1000)
ASSESSED = Assessment((Likelihood.VERY_LIKELY,), (Confidence.LOW,), (Reliability.B,), (Credibility.PROBABLY_TRUE,))
ATTACHED = encode(Attachment("track.csv", 5, (b"\x01" * 32,)))
PORTIONS = (
    Portion(marking(), "text/plain", "en", b"A launch is being prepared.", PortionKind.TEXT, ASSESSED),
    Portion(
        marking("JPN", "JPN-GOKUHI"), "text/plain", "en", b"Second Artillery", PortionKind.ATTRIBUTION,
        Assessment(likelihood=(Likelihood.LIKELY,)),
    ),
    Portion(marking(), "text/csv", "", ATTACHED, PortionKind.ATTACHMENT),
    Portion(marking(), "application/stix+json;version=2.1", "", b"\xff\x00", PortionKind.OBJECT),
)  # fmt: skip


def make(*portions: Portion, format_: int = 2, expires_at: tuple[Instant, ...] = ()) -> tuple[bytes, bytes]:
    """Digest and rendition of a Japanese item."""
    banner = find_banner(TERMS, originator="JPN", markings=[portion.marking for portion in portions])
    head = Head(format_, LINEAGE, REALM, "JPN", NOW, banner, len(portions), expires_at)
    return make_item(SUITE, head=head, portions=portions, blinding_key=b"\x03" * 32, secret=SEEDS["JPN"])


def opened(made: tuple[bytes, bytes]) -> Item:
    """The verified item."""
    return open_rendition(SUITE, made[1], digest=made[0], keys_of=keys_of)


def test_every_kind_of_portion_comes_back_as_it_went() -> None:
    """With its own marking, its assessment, and the item's end."""
    item = opened(make(*PORTIONS, expires_at=(END,)))
    assert tuple(portion for _, portion in item.portions) == PORTIONS
    assert item.head.expires_at == (END,)
    assert item.attachments == ((3, Attachment("track.csv", 5, (b"\x01" * 32,))),)


def test_an_item_of_format_1_is_read_as_plain_text_that_nobody_assessed() -> None:
    """Its bytes are what they were: a head of seven fields, portions of four."""
    plain = Portion(marking(), "text/plain", "en", b"one")
    made = make(plain, format_=1)
    assert opened(made).portions == ((1, plain),)
    assert encode((marking(), "text/plain", "en", b"one")) in made[1]
    assert encode((1, LINEAGE, REALM, "JPN", NOW, opened(made).head.marking, 1)) in made[1]


def test_what_format_1_can_say_is_said_in_it() -> None:
    """A node of an earlier version reads it; whatever is new in an item makes it format 2."""
    plain = Portion(marking(), "text/plain", "en", b"one")
    assert find_format([plain]) == 1
    assert find_format([plain], expires_at=(END,)) == 2
    assert {find_format([portion]) for portion in PORTIONS} == {2}
    with pytest.raises(AssertionError):
        make(PORTIONS[0], format_=1)


@pytest.mark.parametrize(
    "portion",
    [
        Portion(marking(), "text/plain", "en", b"\xff", PortionKind.TEXT),
        Portion(marking(), "text/plain", "en", b"", PortionKind.ATTRIBUTION),
        Portion(marking(), "text/plain", "en", b"x" * 513, PortionKind.ATTRIBUTION),
        Portion(marking(), "text/plain", "", b"no attachment", PortionKind.ATTACHMENT),
        Portion(marking(), "Text/Plain", "en", b"x"),
        Portion(marking(), "nothing", "en", b"x"),
        Portion(marking(), "text/plain", "en", b"x", "rumour"),  # type: ignore[arg-type]
        Portion(marking(), "text/plain", "en", b"x", assessment=Assessment(tuple(Likelihood)[:2])),
        Portion(marking(), "text/plain", "en", b"x", assessment=Assessment(("maybe",))),  # type: ignore[arg-type]
    ],
)
def test_a_portion_out_of_form_is_refused_before_it_is_signed_and_by_its_reader(portion: Portion) -> None:
    """By us with a code, and from a stranger who signed it all the same."""
    with pytest.raises(UsageError, match=r"item\.portion-form"):
        check_portions([PORTIONS[0], portion])
    with pytest.raises(RemoteError, match=r"item\.malformed|bytes\.not-canonical"):
        opened(make(portion))


def test_an_item_has_at_least_one_portion_and_at_most_255() -> None:
    """Its tree has 256 leaves at most."""
    for count in (0, 256):
        with pytest.raises(UsageError, match=r"item\.portion-count"):
            check_portions([PORTIONS[0]] * count)
    check_portions([PORTIONS[0]] * 255)


@pytest.mark.parametrize(("of", "says"), [(1, 2), (2, 1), (2, 3)])
def test_a_head_says_in_its_first_field_what_its_form_is(of: int, says: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven fields are format 1 and eight are format 2; a format of later versions is none that is read here."""
    banner = find_banner(TERMS, originator="JPN", markings=[marking()])
    row = (says, LINEAGE, REALM, "JPN", NOW, banner, 1, *([()] * (of - 1)))
    monkeypatch.setattr(room, "_encode_leaf", lambda value, _: encode(row if isinstance(value, Head) else value))
    with pytest.raises(RemoteError, match=r"item\.malformed"):
        opened(make(PORTIONS[0]))


@given(st.binary(max_size=200))
def test_whatever_bytes_stand_in_a_leaf_the_reader_raises_one_error(content: bytes) -> None:
    """For an attachment's content, which a portion holds within."""
    with pytest.raises(RemoteError, match=r"item\.malformed|bytes\.not-canonical"):
        opened(make(Portion(marking(), "text/csv", "", content, PortionKind.ATTACHMENT)))


def given_at(at: int, *, expires_at: tuple[int, ...], to: tuple[str, ...] = ("JPN", "USA")) -> tuple[object, ...]:
    """The findings against Japan for giving an item at an instant."""
    bases = (Basis("USA", "tisa-2014", "USA-S"),)
    entry = ItemGiven(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), bases, expires_at, 0)
    received = stated(entry, author="JPN", audience=to, at=at)
    flags = judge_received(received, stated=[], terms=TERMS, check=consent_check(), decode=lambda _: None)
    return tuple(flag.decision for flag in flags)


def test_an_item_is_given_until_just_before_its_end() -> None:
    """R37, as the reader judges it: at the end and after it, nothing of it may come, whatever its marking permits."""
    assert given_at(END - 1, expires_at=(END,)) == ()
    assert given_at(END, expires_at=(END,)) == (Withheld("policy.release", Reason.EXPIRED),)
    assert given_at(END + 1, expires_at=(END,)) == (Withheld("policy.release", Reason.EXPIRED),)
    assert given_at(END + 1, expires_at=()) == ()


def test_an_expired_item_goes_not_even_back_to_its_originator() -> None:
    """R37: to nobody but the holder itself."""
    bases = (Basis("JPN", "policy.release", "JPN-HI"),)
    entry = ItemPassedOn(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), bases, (NOW,), 0, ())
    for ends, count in (((NOW,), 1), ((NOW + 1,), 0)):
        received = stated(msgspec.structs.replace(entry, expires_at=ends), author="USA", audience=("JPN", "USA"))
        flags = judge_received(received, stated=[], terms=TERMS, check=consent_check(), decode=lambda _: None)
        assert len(flags) == count


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_seven_likelihoods_are_shown_with_their_percentages_in_every_language(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ICD 203's bands touch each other from 1 to 99; no word of confidence is in the phrase."""
    monkeypatch.setattr(words, "_chosen", language)
    said = {term: say_term(term) for term in Likelihood}
    confidences = {say_term(term) for term in Confidence}
    assert len(set(said.values())) == 7
    for term, (low, high) in PERCENT.items():
        digits = "".join(letter if letter.isdigit() else " " for letter in said[term]).split()
        assert digits == [str(low), str(high)]
        assert not any(f" {word} " in f" {said[term]} " for word in confidences)
    bounds = [PERCENT[term] for term in Likelihood]
    assert (bounds[0][0], bounds[-1][1]) == (1, 99)
    assert all(one[1] == next_[0] for one, next_ in itertools.pairwise(bounds))
