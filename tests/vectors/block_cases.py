"""Vectors of blocks of the warning feed: their bytes, and each bound that a block may break (W1 to W6)."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from comity.base.encoding import encode
from comity.warning.layout import ESTIMATE, ROW, Flag
from comity.warning.rows import Block, Coarsening, Rows, encode_block
from kit.vector import Json, show_block
from vectors.workshop import Workshop, file_case

__all__ = ["BLOCKS"]

CLASS, TERM, AT = "policy.track.ballistic", "policy.track.coarse", 1_702_855_440_000


def _rows() -> Rows:
    rows = np.zeros(3, ROW)
    rows["track"], rows["number"], rows["at"] = (42, 42, 0), (1, 2, 7), (AT, AT + 2_000, AT + 500)
    rows["latitude"], rows["longitude"] = 391_000_000, (1_271_000_000, 1_272_345_678, -1_800_000_000)
    rows["altitude"] = (410_000, 1_234_567, 0)
    rows["velocity_east"], rows["velocity_north"], rows["velocity_up"] = (-30_000, 90_000, 0), 1, (150_000, -5, 0)
    rows["velocity_north"][2] = 0
    rows["sigma_east"], rows["sigma_north"], rows["sigma_up"] = 3_000, (2_500, 1, 200_000_000), 5_000
    rows["rho_en"], rows["rho_eu"], rows["rho_nu"] = (12_000, -32_766, 0), (-7, 0, 0), (1_234, 0, 0)
    rows["sigma_velocity"] = (4_000, 1, 0)
    rows["flags"] = (Flag.ALTITUDE | Flag.VELOCITY, Flag.ALTITUDE | Flag.VELOCITY | Flag.DROPPED | Flag.DECEPTION, 0)
    rows["kind"], rows["confidence"], rows["sensor"] = (2, 0, 0xFFFF), (80, 100, 0), (0, 1, 0xFFFF)
    return rows


def _ends() -> Rows:
    ends = np.zeros(2, ESTIMATE)
    ends["row"], ends["what"], ends["at"], ends["sigma_at"] = (
        1,
        (0, 1),
        (AT - 60_000, AT + 540_000),
        (3_000, 86_400_000),
    )
    ends["latitude"], ends["longitude"] = (391_000_000, -900_000_000), (1_271_000_000, 1_799_999_999)
    ends["semi_major"], ends["semi_minor"], ends["bearing"] = (40_000, 1), (15_000, 1), (3_500, 17_999)
    return ends


def _block(told: Coarsening | None = None) -> Block:
    return Block(CLASS, ("J/FPS-5", "a") if told is None else (), _named(told), _ends(), told)


def _named(told: Coarsening | None) -> Rows:
    rows = _rows()
    if told is not None:
        rows["sensor"] = 0xFFFF
    return rows


def _whole(shows: str, clause: str, block: Callable[[], Block]) -> Callable[[Workshop], Json]:
    def build(_: Workshop) -> Json:
        raw = encode_block(block())
        case = file_case("block", raw, clause=clause, shows=shows, sha256=hashlib.sha256(raw).hexdigest())
        return {**case, "gives": show_block(block())}

    return build


def _broken(code: str, clause: str, shows: str, change: Callable[[Block], Block | bytes]) -> Callable[[Workshop], Json]:
    def build(_: Workshop) -> Json:
        changed = change(_block())
        raw = changed if isinstance(changed, bytes) else _encode(changed)
        digest = hashlib.sha256(raw).hexdigest()
        return file_case("block", raw, clause=clause, shows=shows, code=code, sha256=digest)

    return build


def _encode(block: Block) -> bytes:
    """Encode what no writer would."""
    parts = ["TracksUpdated", block.class_, list(block.sensors), _columns(block.rows), _columns(block.estimates)]
    return msgspec.msgpack.encode(parts)


def _columns(rows: Rows) -> bytes:
    return b"".join(rows[name].tobytes() for name in rows.dtype.names or ())


def _set(name: str, value: int, *, row: int = 0) -> Callable[[Block], Block]:
    def change(block: Block) -> Block:
        block.rows[name][row] = value
        return block

    return change


def _set_end(name: str, value: int) -> Callable[[Block], Block]:
    def change(block: Block) -> Block:
        block.estimates[name][1] = value
        return block

    return change


def _unshortened(block: Block) -> bytes:
    """The class as a str of 16-bit length, where 8 bits would do."""
    raw, name = encode_block(block), CLASS.encode()
    return raw.replace(bytes((0xA0 | len(name),)) + name, b"\xd9" + bytes((len(name),)) + name, 1)


def _cut_short(block: Block) -> bytes:
    decoded: list[Any] = msgspec.msgpack.decode(encode_block(block))
    decoded[3] = decoded[3][:-1]
    return encode(tuple(decoded))


BLOCKS: dict[str, Callable[[Workshop], Json]] = {
    "801-block": _whole("rows and estimates as columns, little-endian", "W1, W2, W4", _block),
    "802-block-coarsened": _whole(
        "told on a grid and late, under a clause, without sensors",
        "W5",
        lambda: _block(Coarsening(TERM, 5_000, 30_000)),
    ),
    "803-block-alone": _whole(
        "one single observation, and nothing else", "W1", lambda: Block.of_rows(CLASS, _rows()[2:])
    ),
    "811-block-malformed": _broken("warning.malformed", "W1", "columns that are no whole number of rows", _cut_short),
    "812-block-not-canonical": _broken("bytes.not-canonical", "W1", "a longer length than need be", _unshortened),
    "813-block-instant": _broken("warning.instant", "W3", "an instant before 1970", _set("at", -1)),
    "814-block-position": _broken(
        "warning.position", "W3", "longitude of 180 degrees", _set("longitude", 1_800_000_000)
    ),
    "815-block-flags": _broken("warning.flags", "W3", "a single observation that is dropped", _set("flags", 8, row=2)),
    "816-block-altitude": _broken(
        "warning.altitude", "W3", "an altitude that is not known, told", _set("altitude", 1, row=2)
    ),
    "817-block-speed": _broken("warning.speed", "W3", "a velocity without its deviation", _set("sigma_velocity", 0)),
    "818-block-uncertainty": _broken("warning.uncertainty", "W3", "two axes wholly correlated", _set("rho_en", 32_767)),
    "819-block-kind": _broken("warning.kind", "W3", "sure of a kind that is not known", _set("confidence", 1, row=2)),
    "820-block-sensor": _broken("warning.sensor", "W3", "a sensor that the block does not name", _set("sensor", 2)),
    "821-block-estimate": _broken(
        "warning.estimate", "W4", "two estimates of one kind for one row", _set_end("what", 0)
    ),
    "822-block-ellipse": _broken(
        "warning.uncertainty", "W4", "an axis that points both ways", _set_end("bearing", 18_000)
    ),
    "823-block-first-bound": _broken(
        "warning.position",
        "W3",
        "of two bounds the first in order names the code, whichever row breaks it",
        lambda block: _set("latitude", 900_000_001, row=2)(_set("confidence", 101)(block)),
    ),
}
