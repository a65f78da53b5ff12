"""Requests for pages and their answers."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import RemoteError
from comity.base.limits import (
    BLOB_SIZE_BYTES_MAX,
    BULK_PAGE_SIZE_BYTES_MAX,
    LINK_MESSAGE_SIZE_BYTES_MAX,
    PAGES_CHUNK_COUNT_MAX,
    PAGES_CHUNK_SIZE_BYTES,
)
from comity.node.blob_answer import cut_blob, join_blob
from comity.node.pages import Answer, PageRequest, cut_answer, decode_page_request, encode_page_request

_SIZES = st.sampled_from([0, 1, 300, 60_000, 250_000, PAGES_CHUNK_SIZE_BYTES, BULK_PAGE_SIZE_BYTES_MAX])


def _join(chunks: Iterator[bytes]) -> list[bytes]:
    answer = Answer()
    ends = [answer.add(chunk) for chunk in chunks]
    assert ends == [False] * (len(ends) - 1) + [True]
    return answer.pages


def test_a_request_says_what_it_says() -> None:
    """Decoding what was encoded gives it back."""
    raw = encode_page_request(b"\x01" * 32, first=3, last=7)
    assert decode_page_request(raw) == PageRequest(b"\x01" * 32, 3, 7)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xc1",
        encode_page_request(b"\x01" * 32, first=3, last=7) + b"\x00",
        b"\x93\xc4\x1f" + bytes(31) + b"\x00\x00",
        b"\x93\xc4\x20" + bytes(32) + b"\x05\x04",
        b"\x93\xc4\x20" + bytes(32) + b"\xcc\x00\x00",
        b"\x94\xc4\x20" + bytes(32) + b"\x00\x00\x00",
        bytes(10_000),
    ],
    ids=["empty", "no type", "more", "short digest", "backwards", "long integer", "fourth field", "large"],
)
def test_a_malformed_request_is_refused(raw: bytes) -> None:
    """One remote error, whatever a peer sends."""
    with pytest.raises(RemoteError):
        decode_page_request(raw)


@given(st.lists(_SIZES, max_size=12))
def test_pages_come_back_as_they_were_cut(sizes: list[int]) -> None:
    """Whatever the sizes, the same pages in the same order, in chunks that fit into one message."""
    given = [bytes([n]) * size for n, size in enumerate(sizes)]
    chunks = list(cut_answer(given))
    assert _join(iter(chunks)) == given
    for chunk in chunks:
        assert len(chunk) < LINK_MESSAGE_SIZE_BYTES_MAX
        assert len(chunk) <= PAGES_CHUNK_SIZE_BYTES or len(_pages_of(chunk)) == 1


def _pages_of(chunk: bytes) -> tuple[bytes, ...]:
    """The pages of one chunk."""
    import msgspec

    pages: tuple[bytes, ...] = tuple(msgspec.msgpack.decode(chunk)[2])
    return pages


def test_an_answer_has_an_end() -> None:
    """The rest is left out, not queued, and not even read from the store."""
    read = []

    def store() -> Iterator[bytes]:
        for number in range(1_000):
            read.append(number)
            yield bytes(PAGES_CHUNK_SIZE_BYTES)

    assert len(list(cut_answer(store()))) == PAGES_CHUNK_COUNT_MAX
    assert len(read) == PAGES_CHUNK_COUNT_MAX + 1


def test_the_largest_blob_fits_into_one_answer() -> None:
    """A blob is not asked for in parts, so the limits of an answer must leave room for it and its wraps (T22)."""
    blob, wraps = bytes(BLOB_SIZE_BYTES_MAX), (bytes(1_200),) * 16
    assert join_blob(_join(cut_answer(cut_blob((blob, wraps))))) == (blob, wraps)


def test_a_chunk_out_of_turn_or_repeated_is_refused() -> None:
    """A hole in an answer is noticed."""
    first, second, *_ = cut_answer([bytes(PAGES_CHUNK_SIZE_BYTES)] * 3)
    for begun, out_of_turn in (([], second), ([first], first)):
        answer = Answer()
        for chunk in begun:
            answer.add(chunk)
        with pytest.raises(RemoteError, match=r"link.page-answer"):
            answer.add(out_of_turn)


@given(st.binary(max_size=200))
def test_any_bytes_as_a_chunk_end_in_a_chunk_or_the_remote_error(raw: bytes) -> None:
    """Nothing else is ever raised."""
    try:
        Answer().add(raw)
    except RemoteError:
        return
    assert raw[:1] == b"\x93"
