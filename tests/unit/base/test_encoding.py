"""One permitted form (docs/spec/journal.md, J1)."""

import msgspec
import pytest

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError


class Pair(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Two fields, to have something to decode."""

    name: str
    number: int


DECODER = Decoder(Pair, size_max=64)
PAIR = Pair("USA", 7)


def test_a_struct_is_an_array_and_comes_back() -> None:
    """No field name travels: the place in the array is the field."""
    assert encode(PAIR) == b"\x92\xa3USA\x07"
    assert DECODER.decode(encode(PAIR)) == PAIR


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\x92\xa3USA\xcc\x07", "bytes.not-canonical"),
        (b"\x92\xd9\x03USA\x07", "bytes.not-canonical"),
        (b"\xdc\x00\x02\xa3USA\x07", "bytes.not-canonical"),
        (b"\x93\xa3USA\x07\x07", "bytes.malformed"),
        (b"\x91\xa3USA", "bytes.malformed"),
        (b"\x92\xa3USA\xcb\x40\x1c\x00\x00\x00\x00\x00\x00", "bytes.malformed"),
        (b"\x92\xa3\xff\xff\xff\x07", "bytes.malformed"),
        (b"\x92\xa3USA\x07\x00", "bytes.malformed"),
        (b"\x82\xa4name\xa3USA\xa6number\x07", "bytes.malformed"),
        (b"", "bytes.malformed"),
        (b"\x91" * 60, "bytes.malformed"),
        (bytes(65), "bytes.too-large"),
    ],
    ids=[
        "long-int", "long-str", "long-array", "field-too-many", "field-missing", "float", "bad-utf-8", "trailing",
        "map", "empty", "deep", "too-large",
    ],
)  # fmt: skip
def test_any_other_form_is_refused_with_its_code(raw: bytes, code: str) -> None:
    """What decodes but does not re-encode to itself is told from what does not decode at all."""
    with pytest.raises(RemoteError) as caught:
        DECODER.decode(raw)
    assert caught.value.code == code


def test_the_bytes_are_kept_as_evidence() -> None:
    """A refusal can be shown: it holds what arrived, but for bytes that are refused for their size."""
    with pytest.raises(RemoteError) as caught:
        DECODER.decode(b"\xc0")
    assert caught.value.evidence == b"\xc0"


def test_arrays_nested_beyond_the_interpreters_stack_are_refused_like_others() -> None:
    """Depth is the sender's choice; it must not become an exception of another kind."""
    deep = Decoder(msgspec.Raw, size_max=10_000_000)
    with pytest.raises(RemoteError, match=r"bytes\.malformed"):
        deep.decode(b"\x91" * 5_000_000)
