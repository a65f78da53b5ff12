"""Makes other bytes of some bytes: blindly, or by what MessagePack they hold, down into bins that hold more of it."""

import json
import random
from typing import Any

import msgspec

__all__ = ["change_blindly", "change_json", "change_message", "change_text"]

ODD_INTEGERS = (
    0,
    1,
    2,
    127,
    128,
    255,
    256,
    4096,
    4097,
    65_536,
    2**32 - 1,
    2**32,
    2**53,
    2**53 + 1,
    2**63,
    2**64 - 1,
    -1,
)
PLACE_COUNT_MAX = 2_000
ODD_TEXTS = ("", "real", "exercise/x", "JPN", "jpn", "A" * 13, "\0", "é", "\u202e", "x" * 300, "certificate", "genesis")
ODD_BYTES = (
    b"",
    b"\0",
    bytes(31),
    bytes(32),
    bytes(33),
    b"\x90",
    b"\xc0",
    b"\xdd\xff\xff\xff\xff",
    b"\x91" * 40,
    b"\x80",
)
ODD_VALUES: tuple[Any, ...] = (None, True, 1.0, float("nan"), {}, {"a": 1}, [], [[]], msgspec.msgpack.Ext(1, b"x"))
DEPTH_MAX = 6


def change_blindly(raw: bytes, draw: random.Random) -> bytes:
    """Flip, cut, insert, repeat."""
    place = draw.randrange(len(raw) + 1)
    span = 1 + draw.randrange(8)
    match draw.randrange(6):
        case 0:
            return (
                raw[:place]
                + bytes([(raw[place] if place < len(raw) else 0) ^ (1 << draw.randrange(8))])
                + raw[place + 1 :]
            )
        case 1:
            return raw[:place]
        case 2:
            return raw[:place] + draw.randbytes(span) + raw[place:]
        case 3:
            return raw[:place] + raw[place + span :]
        case 4:
            return raw[:place] + raw[max(0, place - span) : place] + raw[place:]
        case _:
            return raw[:place] + draw.choice(ODD_BYTES) + raw[place + span :]


def change_message(raw: bytes, draw: random.Random) -> bytes:
    """Change one thing that the MessagePack says, and encode it again; now and then change the bytes blindly."""
    try:
        value = msgspec.msgpack.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        value = None
    if not isinstance(value, list) or draw.randrange(6) == 0:
        return change_blindly(raw, draw)
    return msgspec.msgpack.encode(_change(value, draw, DEPTH_MAX))


def _change(value: Any, draw: random.Random, depth: int) -> Any:
    """Change one place in a value."""
    if depth == 0 or draw.randrange(40) == 0:
        return draw.choice((*ODD_VALUES, *ODD_INTEGERS, *ODD_TEXTS, *ODD_BYTES))
    if isinstance(value, list):
        return _change_list(value, draw, depth)
    if isinstance(value, bytes):
        return _change_bytes(value, draw)
    if isinstance(value, str):
        return draw.choice((*ODD_TEXTS, value + "A", value[:-1], value.lower()))
    if isinstance(value, int) and draw.randrange(2):
        return min(value + 1, 2**64 - 1)
    if isinstance(value, int):
        return draw.choice(ODD_INTEGERS)
    return draw.choice(ODD_VALUES)


def _change_list(rows: list[Any], draw: random.Random, depth: int) -> list[Any]:
    place = draw.randrange(len(rows) + 1)
    way = draw.randrange(25)
    if way == 0:
        return [*rows[:place], *rows[place + 1 :]]
    if way == 1 and rows:
        return [*rows[:place], draw.choice(rows), *rows[place:]]
    if way == 2:
        return [*rows[:place], draw.choice(ODD_VALUES), *rows[place:]]
    if way == 3:
        return draw.sample(rows, len(rows))
    if way == 4 and len(rows) < 64:
        return rows * draw.randrange(2, 5)
    if not rows:
        return [draw.choice(ODD_INTEGERS)]
    place %= len(rows)
    return [*rows[:place], _change(rows[place], draw, depth - 1), *rows[place + 1 :]]


def _change_bytes(raw: bytes, draw: random.Random) -> bytes:
    """A bin may hold a message of its own: a header, a body, a statement in an opening."""
    if raw[:1] and 0x90 <= raw[0] <= 0x9F and draw.randrange(5):
        return change_message(raw, draw)
    return draw.choice((change_blindly(raw, draw), draw.choice(ODD_BYTES), draw.randbytes(len(raw)), bytes(len(raw))))


def change_text(raw: bytes, draw: random.Random) -> bytes:
    """Change a text of lines: drop, repeat, swap or garble some, or put something odd for a value."""
    lines = raw.split(b"\n")
    place = draw.randrange(len(lines))
    match draw.randrange(7):
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, draw.choice(lines))
        case 2:
            other = draw.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]
        case 3:
            lines[place] = change_blindly(lines[place], draw)
        case 4:
            name, _, _ = lines[place].partition(b"=")
            odd: tuple[Any, ...] = (
                b"1",
                b"-1",
                b'""',
                b"[]",
                b"{}",
                b"[[[]]]",
                b"true",
                b"1e999",
                b"2023-02-30",
                b"99999999999999999999",
                b'"\\u0000"',
            )
            lines[place] = name + b"= " + draw.choice(odd)
        case 5:
            lines[place] = lines[place].replace(b'"', draw.choice((b"", b"'", b'"""')), 1)
        case _:
            return change_blindly(raw, draw)
    return b"\n".join(lines)


def change_json(raw: bytes, draw: random.Random) -> bytes:
    """Change a JSON document: put something odd, or another part of it, in the place of a part; or change its bytes."""
    try:
        whole = json.loads(raw)
    except (ValueError, RecursionError):
        return change_blindly(raw, draw)
    places: list[tuple[Any, Any]] = []
    pending = [whole]
    while pending and len(places) < PLACE_COUNT_MAX:
        part = pending.pop()
        keys = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
        places += [(part, key) for key in keys]
        pending += [part[key] for key in keys]
    if not places or draw.random() < 0.2:
        return change_blindly(raw, draw)
    holder, key = draw.choice(places)
    other, place = draw.choice(places)
    odd: tuple[Any, ...] = (
        None,
        True,
        1.5,
        *ODD_INTEGERS,
        *ODD_TEXTS,
        [],
        {},
        [[]],
        {"tlp": "red"},
        ["tlp:red"],
        "tlp:pink",
        other[place],
    )
    holder[key] = draw.choice(odd)
    try:
        return json.dumps(whole).encode()
    except (ValueError, RecursionError):  # a part was put into itself
        return change_blindly(raw, draw)
