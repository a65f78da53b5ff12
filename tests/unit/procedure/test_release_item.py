"""Items, renditions, blobs and the wraps of their keys (docs/spec/release.md, R16 to R22)."""

import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.encoding import encode
from comity.base.errors import RemoteError, UsageError
from comity.procedure.banner import check_item, find_banner
from comity.procedure.entry import Marking
from comity.procedure.item import Head, Item, Portion, cut_rendition, make_item, open_rendition
from kit.releasing import LINEAGE, REALM, SEEDS, SUITE, camp_david_terms, keys_of, marking

TERMS = camp_david_terms()
MARKINGS = (
    marking("JPN", "JPN-HI", topics=["cyber"]),
    marking("JPN", "JPN-GOKUHI", caveats=["ORCON"]),
    marking("JPN", "JPN-HI", topics=["cyber"]),
)


def make(*markings: Marking, banner: Marking | None = None, secret: bytes = SEEDS["JPN"]) -> tuple[bytes, bytes]:
    """Digest and rendition of a Japanese item with one portion for each marking."""
    portions = [Portion(one, "text/plain", "en", b"portion %d" % i) for i, one in enumerate(markings)]
    top = banner or find_banner(TERMS, originator="JPN", markings=markings)
    head = Head(1, LINEAGE, REALM, "JPN", 1_702_855_440_000, top, len(portions))
    return make_item(SUITE, head=head, portions=portions, blinding_key=b"\x03" * 32, secret=secret)


def opened(raw: bytes, digest: bytes) -> Item:
    """The verified item."""
    return open_rendition(SUITE, raw, digest=digest, keys_of=keys_of)


def refused(code: str, raw: bytes, digest: bytes) -> None:
    """Check that opening it is refused with this code."""
    with pytest.raises(RemoteError) as caught:
        opened(raw, digest)
    assert caught.value.code == code


def test_whole_item_opens_and_verifies() -> None:
    """What its originator made, any reader verifies, with every portion and marking."""
    digest, raw = make(*MARKINGS)
    item = opened(raw, digest)
    assert item.is_whole
    assert [portion.content for _, portion in item.portions] == [b"portion 0", b"portion 1", b"portion 2"]
    assert item.markings == (item.head.marking, MARKINGS[0], MARKINGS[1])
    check_item(item, terms=TERMS, lineage=LINEAGE, realm=REALM, markings=item.markings)


@pytest.mark.parametrize("count", range(1, 10))
def test_each_portion_verifies_alone(count: int) -> None:
    """One portion with its path gives the same digest, and no text of the others is in its bytes."""
    digest, raw = make(*(marking() for _ in range(count)))
    for number in range(1, count + 1):
        cut = cut_rendition(raw, keep=frozenset({number}))
        assert [held for held, _ in opened(cut, digest).portions] == [number]
        others = [b"portion %d" % i for i in range(count) if i != number - 1]
        assert not any(other in cut for other in others)


def test_banner_is_the_highest_of_the_portions() -> None:
    """Level: the highest; topics and caveats: all of them."""
    assert find_banner(TERMS, originator="JPN", markings=MARKINGS) == Marking(
        "JPN", "JPN", "JPN-GOKUHI", ("cyber", "dprk-missile"), ("ORCON",)
    )


def test_banner_counts_a_quoted_portion_by_its_equivalent() -> None:
    """A Korean second-grade portion in an American confidential item makes the banner SECRET; its mark stays."""
    quoted = marking("KOR", "KOR-II")
    banner = find_banner(TERMS, originator="USA", markings=[marking("USA", "USA-C"), quoted])
    assert (banner.scheme, banner.level) == ("USA", "USA-S")


@pytest.mark.parametrize("bad", [Marking("JPN", "JPN", "NO-SUCH", ("cyber",), ()), marking("JPN", "USA-S")])
def test_banner_refuses_what_has_no_place(bad: Marking) -> None:
    """A portion at an unknown level, or at another party's, is refused when the item is made."""
    with pytest.raises(UsageError) as caught:
        find_banner(TERMS, originator="JPN", markings=[bad])
    assert caught.value.code == "item.portion-marking"


def test_topics_and_caveats_of_a_banner_stand_in_order() -> None:
    """However many there are and in whatever order the portions name them: it is one form of a set."""
    words = tuple(f"w{number:02}" for number in range(30))
    given = [marking(topics=[word], caveats=[word]) for word in (*words[::-1], *words)]
    banner = find_banner(TERMS, originator="JPN", markings=given)
    assert (banner.topics, banner.caveats) == (words, words)


def test_what_has_no_banner_is_named() -> None:
    """A list without portions, and the level that has no place: its first forty-eight characters at most."""
    with pytest.raises(UsageError) as caught:
        find_banner(TERMS, originator="JPN", markings=[])
    assert caught.value.details == {"portion": 0}
    with pytest.raises(UsageError) as caught:
        find_banner(TERMS, originator="JPN", markings=[marking("JPN", "x" * 60)])
    assert caught.value.details == {"level": "x" * 48}


@pytest.mark.parametrize("place", [0, 1])
def test_every_rank_of_a_scheme_lifts_the_banner(place: int) -> None:
    """Level by level of each party's own scheme, whichever portion comes first."""
    for scheme in TERMS.pact.schemes:
        for low, high in itertools.combinations(scheme.levels, 2):
            pair = [marking(scheme.party, low.id), marking(scheme.party, high.id)]
            banner = find_banner(TERMS, originator=scheme.party, markings=pair[place:] + pair[:place])
            assert banner.level == high.id


def test_understated_banner_is_found() -> None:
    """An item whose banner is lower than its portions is refused where all portions are seen."""
    digest, raw = make(*MARKINGS, banner=marking("JPN", "JPN-HI", topics=["cyber"]))
    item = opened(raw, digest)
    with pytest.raises(RemoteError) as caught:
        check_item(item, terms=TERMS, lineage=LINEAGE, realm=REALM, markings=item.markings)
    assert caught.value.code == "item.banner"


def test_an_item_without_portions_is_refused() -> None:
    """There is no banner over nothing."""
    with pytest.raises(UsageError) as caught:
        find_banner(TERMS, originator="JPN", markings=[])
    assert caught.value.code == "item.portion-marking"


@pytest.mark.parametrize(
    ("markings", "banner", "keep"),
    [
        ((Marking("JPN", "JPN", "NO-SUCH", ("cyber",), ()),), marking(), {1}),
        ((marking(), marking()), marking("USA", "USA-S"), {1}),
    ],
    ids=["a portion without a place", "a banner of another party"],
)
def test_false_banner_of_a_stranger(markings: tuple[Marking, ...], banner: Marking, keep: set[int]) -> None:
    """A banner that can't be right is found, in a partial rendition too where it names another party."""
    digest, raw = make(*markings, banner=banner)
    item = opened(cut_rendition(raw, keep=frozenset(keep)), digest)
    with pytest.raises(RemoteError) as caught:
        check_item(item, terms=TERMS, lineage=LINEAGE, realm=REALM, markings=item.markings)
    assert caught.value.code == "item.banner"


def test_partial_item_is_checked_as_far_as_it_goes() -> None:
    """Where a portion is hidden the banner can't be recomputed; all else is checked and holds."""
    digest, raw = make(*MARKINGS)
    item = opened(cut_rendition(raw, keep=frozenset({1, 3})), digest)
    assert not item.is_whole
    check_item(item, terms=TERMS, lineage=LINEAGE, realm=REALM, markings=item.markings)


def test_markings_must_be_those_of_the_chain() -> None:
    """An item released as something lower than it is marked is found by its first reader."""
    digest, raw = make(*MARKINGS)
    item = opened(raw, digest)
    for named in ((item.head.marking,), (MARKINGS[0], *item.markings)):
        with pytest.raises(RemoteError) as caught:
            check_item(item, terms=TERMS, lineage=LINEAGE, realm=REALM, markings=named)
        assert caught.value.code == "item.markings"


def test_item_belongs_to_one_pact_and_realm() -> None:
    """An item of an exercise is none in the real realm."""
    digest, raw = make(*MARKINGS)
    item = opened(raw, digest)
    with pytest.raises(RemoteError) as caught:
        check_item(item, terms=TERMS, lineage=LINEAGE, realm="real", markings=item.markings)
    assert caught.value.code == "item.other-pact"


def test_another_signer_is_found() -> None:
    """An item that claims Japan as its originator and is signed by another key is refused."""
    digest, raw = make(*MARKINGS, secret=SEEDS["USA"])
    refused("item.signature", raw, digest)


@pytest.mark.parametrize(("leaf", "index"), [(0, 1), (2, 1), (3, 4)])
def test_impossible_leaf_numbers_are_malformed(leaf: int, index: int) -> None:
    """A rendition without its head in front, with a number twice, or past the portions that the head counts."""
    digest, raw = make(*MARKINGS)
    signature, leaves = msgspec.msgpack.decode(raw)
    leaves[leaf][0] = index
    refused("item.malformed", encode((signature, leaves)), digest)


def test_another_item_is_found() -> None:
    """A true item that is not the one named is refused."""
    _, raw = make(*MARKINGS)
    digest, _ = make(*MARKINGS[:2])
    refused("item.other", raw, digest)


@settings(max_examples=200)
@given(st.data())
def test_any_flipped_byte_is_refused(data: st.DataObject) -> None:
    """Whatever byte of a rendition is changed, the outcome is one of the item's own codes."""
    digest, raw = make(*MARKINGS)
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = bytearray(raw)
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RemoteError) as caught:
        opened(bytes(changed), digest)
    assert caught.value.code.partition(".")[0] in ("item", "bytes")


@given(st.binary(max_size=300))
def test_any_bytes_are_no_item(raw: bytes) -> None:
    """Bytes of a stranger raise the one remote error, never anything else."""
    with pytest.raises(RemoteError):
        opened(raw, bytes(32))
