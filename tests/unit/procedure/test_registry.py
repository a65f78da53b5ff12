"""The entry types: what they may hold, and the door by which their bytes come in."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.encoding import encode
from comity.base.errors import RemoteError, UsageError
from comity.base.limits import ENTRY_DEPTH_MAX, ENTRY_SIZE_BYTES_MAX
from comity.procedure.call import Acknowledged, ConsultationCalled
from comity.procedure.entry import Entry, MarkedText
from comity.procedure.fields import Level
from comity.procedure.registry import ENTRY_TYPES, Unknown, decode_entry, encode_entry
from comity.procedure.threat import ThreatKind

CALL = b"\x01" * 32
ENTRY = Acknowledged(CALL, "watch-officer", "officer-1")
MINE = tuple(type_ for type_ in ENTRY_TYPES if type_.belongs_to[0])


def test_an_entry_comes_back_as_it_went() -> None:
    """Decoding undoes encoding, and the type stands first."""
    raw = encode_entry(ENTRY)
    assert decode_entry(raw) == ENTRY
    assert raw[2:14] == b"Acknowledged"


def test_an_unknown_type_is_kept_raw() -> None:
    """What a newer version says is a value, not an error."""
    raw = encode(("TeleportationOffered", 7, b"x"))
    assert decode_entry(raw) == Unknown("TeleportationOffered", raw)


def _nest(depth: int) -> list[object]:
    """An entry of an unknown type that is so many arrays deep, itself the first."""
    inner: list[object] = []
    for _ in range(depth - 2):
        inner = [inner]
    return ["Teleported", inner]


@pytest.mark.parametrize("fields", [{}, {"a": 1}, [None], [True], [1.5], [-1], [2**53 + 1], [[[None]]]])
def test_what_no_version_can_have_made_an_entry_is_not_kept_for_one(fields: object) -> None:
    """J1 and J10: maps, nil, booleans, floats and numbers out of range are in no entry, of whatever type."""
    with pytest.raises(RemoteError, match=r"entry\.malformed"):
        decode_entry(encode(("Teleported", fields)))


def test_an_entry_is_at_most_sixteen_arrays_deep() -> None:
    """J1: bounded by the format, not by whatever stack a reader has."""
    raw = encode(_nest(ENTRY_DEPTH_MAX))
    assert decode_entry(raw) == Unknown("Teleported", raw)
    for depth in (ENTRY_DEPTH_MAX + 1, 10_000):
        with pytest.raises(RemoteError, match=r"entry\.malformed"):
            decode_entry(b"\x92\xaaTeleported" + b"\x91" * (depth - 2) + b"\x90")


def test_an_unknown_type_in_other_bytes_is_refused() -> None:
    """One entry has one form, whether or not this version knows its type."""
    with pytest.raises(RemoteError, match=r"bytes\.not-canonical"):
        decode_entry(b"\xdc\x00\x01\xaaTeleported")


@pytest.mark.parametrize("type_", ENTRY_TYPES, ids=lambda type_: type_.__name__)
def test_no_type_of_ours_comes_near_the_limit_of_depth(type_: type[Entry]) -> None:
    """So the bound needs no look inside the entries that this version knows."""
    assert _find_depth(type_) <= ENTRY_DEPTH_MAX // 2


def _find_depth(type_: Any) -> int:
    """How many arrays deep a value of this type can be."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return 1 + max((_find_depth(field.type) for field in msgspec.structs.fields(type_)), default=0)
    inner = max(map(_find_depth, getattr(type_, "__args__", ())), default=0)
    return inner + (getattr(type_, "__origin__", None) is tuple)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xc1",
        encode(()),
        encode((7,)),
        encode("Acknowledged"),
        encode(("Acknowledged",)),
        encode(("Acknowledged", CALL, "watch-officer")),
        encode(("Acknowledged", CALL, "watch-officer", "officer-1", 1)),
        encode(("Acknowledged", CALL[:31], "watch-officer", "officer-1")),
        encode(("Acknowledged", CALL, "free text has spaces", "officer-1")),
        encode(("Acknowledged", CALL, "watch-officer\n", "officer-1")),
        encode(("CallDeclined", CALL, "a reason nobody listed")),
        encode(("SilenceExtended", CALL, CALL, 9, 9, 0)),
        encode(("ConsultationCalled", "C1", "advisers", "missile-launch", (), ("KOR", "JPN"))),
    ],
)
def test_a_known_type_of_another_form_is_refused(raw: bytes) -> None:
    """Missing, added, wrong or unsorted fields have one code, and the bytes are the evidence."""
    with pytest.raises(RemoteError) as refused:
        decode_entry(raw)
    assert refused.value.code == "entry.malformed"
    assert refused.value.evidence == raw


def test_other_bytes_of_the_same_entry_are_refused() -> None:
    """One entry has one form."""
    raw = encode_entry(ENTRY)
    with pytest.raises(RemoteError) as refused:
        decode_entry(b"\xdc\x00\x04" + raw[1:])
    assert refused.value.code == "bytes.not-canonical"


def test_large_bytes_are_not_looked_at() -> None:
    """The limit comes before the decoder."""
    with pytest.raises(RemoteError) as refused:
        decode_entry(b"\x00" * (ENTRY_SIZE_BYTES_MAX + 1))
    assert refused.value.code == "bytes.too-large"


def test_an_unfit_entry_of_our_own_is_the_callers_fault() -> None:
    """What no reader would decode is refused before it is said."""
    with pytest.raises(UsageError) as refused:
        encode_entry(Acknowledged(CALL, "no such thing as a role with spaces", "o1"))
    assert refused.value.code == "entry.unfit"
    with pytest.raises(ValueError, match="ascending"):
        ConsultationCalled("C1", Level.WATCH, ThreatKind.OTHER, (), ("USA", "JPN"))


@given(st.binary(max_size=200))
def test_any_bytes_give_an_entry_or_a_code(raw: bytes) -> None:
    """Nothing else comes out of the door."""
    try:
        decoded = decode_entry(raw)
    except RemoteError:
        return
    assert isinstance(decoded, Entry | Unknown)


@given(
    st.sampled_from([type_.__name__ for type_ in ENTRY_TYPES]),
    st.lists(
        st.one_of(
            st.binary(max_size=33),
            st.just(CALL),
            st.integers(0, 2**40),
            st.text(max_size=20),
            st.just(()),
            st.none(),
            st.booleans(),
            st.floats(allow_nan=False),
        ),
        max_size=8,
    ),
)
def test_known_types_with_any_fields_give_an_entry_or_a_code(name: str, fields: list[object]) -> None:
    """A decoded entry is always one that encodes to the same bytes."""
    raw = encode((name, *fields))
    try:
        decoded = decode_entry(raw)
    except RemoteError:
        return
    assert isinstance(decoded, Entry)
    assert encode(decoded) == raw


def walk_types(type_: Any) -> list[Any]:
    """Every type inside a field's type."""
    found = [type_]
    for argument in getattr(type_, "__args__", ()):
        found += walk_types(argument)
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        for field in msgspec.structs.fields(type_):
            found += walk_types(field.type)
    return found


def is_prose(field: msgspec.structs.FieldInfo) -> bool:
    """Whether a field's type has room for free text: a string without a pattern that is no enum."""
    info = msgspec.inspect.type_info(field.type)
    inside: list[Any] = [info]
    while inside:
        one = inside.pop()
        if isinstance(one, msgspec.inspect.StrType) and one.pattern is None:
            return True
        if isinstance(one, msgspec.inspect.BytesType) and one.max_length != 32:
            return True
        inside += [one.item_type] if isinstance(one, msgspec.inspect.VarTupleType) else []
        inside += [inner.type for inner in one.fields] if isinstance(one, msgspec.inspect.StructType) else []
    return False


@pytest.mark.parametrize("type_", [type_ for type_ in MINE if type_.procedural], ids=lambda type_: type_.__name__)
def test_procedural_entries_have_no_room_for_prose(type_: type[Entry]) -> None:
    """Enums, ids, instants and digests only: what goes to every party can carry no words past the funnel."""
    assert not [field.name for field in msgspec.structs.fields(type_) if is_prose(field)]


@pytest.mark.parametrize("type_", [type_ for type_ in MINE if not type_.procedural], ids=lambda type_: type_.__name__)
def test_other_entries_carry_a_marking_or_a_replacement(type_: type[Entry]) -> None:
    """What is not procedural has a marked text that the funnel can decide; a correction holds such an entry."""
    types = [inner for field in msgspec.structs.fields(type_) for inner in walk_types(field.type)]
    assert MarkedText in types or type_.__name__ == "EntryCorrected"


def test_every_entry_says_what_it_belongs_to() -> None:
    """The field that names the object is a field or property of the type."""
    for type_ in MINE:
        _, field = type_.belongs_to
        assert not field or hasattr(type_, field), type_
