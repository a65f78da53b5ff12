"""Events of MISP in: what they are tagged with, and to whom their distributions let them go (X24 to X27).

Rules
- An event is one thing: it stands under the strictest of all its parts, and its bytes are kept as they came, with every
  attribute, object, tag and proposal.
- Its audience is what every distribution in it permits together. One that is not in the party's table is refused; a
  sharing group reaches those of its members whom the table knows, all of them or the event is refused.
- Nothing is ever for everybody.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from comity.base.errors import RemoteError
from comity.base.names import Party
from comity.exchange.marker import Signs
from comity.exchange.misp_table import MispTable
from comity.exchange.own_marking import OwnMarking, parse_own_marking
from comity.exchange.tlp import UnknownLabel, find_labels_in
from comity.procedure.caveat import write_listed

__all__ = [
    "EVENT_SIZE_BYTES_MAX",
    "FILE_SIZE_BYTES_MAX",
    "OWN_TAG",
    "MispEvent",
    "find_signs",
    "find_version",
    "read_events",
]

FILE_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024
EVENT_SIZE_BYTES_MAX: Final = 8 * 1024 * 1024
EVENT_COUNT_MAX: Final = 10_000
DEPTH_MAX: Final = 32
OWN_TAG: Final = "comity:marking="
NATIONAL: Final = "NATIONAL EYES ONLY"
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
ORGANISATION, GROUP, INHERIT = 0, 4, 5


@dataclass(frozen=True, slots=True)
class MispEvent:
    """One event of a file: its place, its UUID, what was read of it, and its bytes."""

    place: int
    uuid: str
    fields: dict[str, Any]
    raw: bytes


class _Refused(Exception):  # noqa: N818 -- never leaves this file
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_events(raw: bytes) -> Iterator[tuple[MispEvent, str]]:
    """Yield every event of a file, with the code of why it can't be read, or none.

    A file is one event, with or without `Event` around it, a list of such, or an answer of MISP's API.

    Raises:
        RemoteError: `misp.too-large`, `misp.malformed`.
    """
    if len(raw) > FILE_SIZE_BYTES_MAX:
        raise RemoteError("misp.too-large", size_bytes=len(raw), size_bytes_max=FILE_SIZE_BYTES_MAX)
    rows = list(_split(raw))
    if not rows or len(rows) > EVENT_COUNT_MAX:
        raise RemoteError("misp.malformed" if not rows else "misp.too-large", count=len(rows))
    for place, (one, text) in enumerate(rows):
        fields = one.get("Event", one)
        uuid = fields.get("uuid") if isinstance(fields, dict) else None
        # A MISP that reads our feed makes a path of the UUID: what is none goes nowhere.
        is_named = isinstance(uuid, str) and _UUID.fullmatch(uuid) is not None
        is_event = isinstance(fields, dict) and is_named and isinstance(fields.get("info"), str)
        code = "" if is_event else "misp.event-malformed"
        if not code and len(text) > EVENT_SIZE_BYTES_MAX:
            code = "misp.event-too-large"
        yield MispEvent(place, uuid[:64] if isinstance(uuid, str) else "", fields if is_event else {}, text), code


def _split(raw: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the events with their bytes; where several stand in one file each is written anew, value for value."""
    try:
        whole = json.loads(raw.decode(), object_pairs_hook=_refuse_twice, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RemoteError("misp.malformed", evidence=raw[:1024]) from error
    if _is_too_deep(whole):
        raise RemoteError("misp.malformed", evidence=raw[:1024])
    rows = whole.get("response", whole) if isinstance(whole, dict) else whole
    if rows is whole and isinstance(whole, dict):
        yield whole, raw.strip()
        return
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield row, _write_anew(row)
        else:
            yield {}, b""


def _write_anew(row: dict[str, Any]) -> bytes:
    """Write an event anew; half a pair of surrogates, which no UTF-8 has, stays the escape that it came as."""
    try:
        return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(row, separators=(",", ":")).encode()


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and the infinities are no JSON, and whoever reads our feed would stumble on them


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a key stands twice")
    return read


def _is_too_deep(whole: Any) -> bool:
    pending = [(whole, 0)]
    while pending:
        part, depth = pending.pop()
        if depth > DEPTH_MAX:
            return True
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        pending += [(one, depth + 1) for one in inner if isinstance(one, dict | list)]
    return False


def find_version(fields: dict[str, Any]) -> int:
    """Return the instant, in seconds, that tells two versions of one event apart; 0 where it has none."""
    value = fields.get("timestamp")
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def find_signs(event: MispEvent, *, table: MispTable, own: Party) -> Signs | str:
    """Return what an event bears, or the code of why it may go to nobody: not even into the own record."""
    try:
        audience = _find_audience(event.fields, table, own)
        labels: set[str] = set()
        markings: set[OwnMarking] = set()
        for name in _walk_tags(event.fields):
            if name.startswith(OWN_TAG):
                markings.add(parse_own_marking(name.removeprefix(OWN_TAG)))
            elif name.lower().startswith("tlp"):
                labels |= find_labels_in(name)
    except _Refused as refused:
        return refused.code
    except (UnknownLabel, ValueError):
        return "exchange.marking-unknown"
    others = audience - {own}
    caveat = write_listed(audience | {own}) if others else NATIONAL
    return Signs(frozenset(labels), frozenset(markings), frozenset({caveat}))


def _walk_tags(fields: dict[str, Any]) -> Iterator[str]:
    for part in _walk(fields):
        tags = part.get("Tag", [])
        for tag in tags if isinstance(tags, list) else [tags]:
            name = tag.get("name") if isinstance(tag, dict) else tag
            if not isinstance(name, str):
                raise _Refused("misp.event-malformed")
            yield name.strip()


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            yield part
            pending += part.values()
        elif isinstance(part, list):
            pending += part


def _find_audience(fields: dict[str, Any], table: MispTable, own: Party) -> frozenset[Party]:
    """Return whom every distribution in the event permits together."""
    whole = _read_number(fields.get("distribution"))
    if whole is None or whole == INHERIT:
        raise _Refused("misp.distribution")
    audience = _read_distribution(fields, whole, table, own)
    for part in _walk(fields):
        if part is fields or "distribution" not in part:
            continue
        value = _read_number(part["distribution"])
        if value is None:
            raise _Refused("misp.distribution")
        if value == INHERIT or (table.find_distribution(value) is None and _is_no_narrower(value, whole)):
            continue
        audience &= _read_distribution(part, value, table, own)
    return audience


def _is_no_narrower(value: int, whole: int) -> bool:
    """Tell whether a part goes at least as far as its event: then it goes as far as that, and no row is needed."""
    if value not in (1, 2, 3):
        return False
    return whole == ORGANISATION or (whole == GROUP and value == 3) or (whole <= value and whole != GROUP)


def _read_distribution(part: dict[str, Any], value: int, table: MispTable, own: Party) -> frozenset[Party]:
    if value == ORGANISATION:
        return frozenset({own})
    if value == GROUP:
        return _read_group(part.get("SharingGroup"), table, own)
    parties = table.find_distribution(value)
    if parties is None:
        raise _Refused("misp.distribution")
    return frozenset(parties)


def _read_group(group: Any, table: MispTable, own: Party) -> frozenset[Party]:
    """Return the parties of a group's members. Its local number says nothing; its UUID does, and those of its members.

    That a member may let in others later (`extend`) changes nothing here: they are not in this event.
    """
    uuid = group.get("uuid") if isinstance(group, dict) else None
    row = table.find_group(uuid) if isinstance(uuid, str) else None
    if row is None:
        raise _Refused("misp.group-unknown")
    if group.get("active") is False or group.get("active") in ("0", 0):
        raise _Refused("misp.group-inactive")
    if (group.get("releasability") or "") != row.releasability:
        raise _Refused("misp.releasability")
    servers = group.get("SharingGroupServer") or []
    if any(not isinstance(one, dict) or one.get("all_orgs") not in (False, None, "0", 0) for one in servers):
        raise _Refused("misp.group-open")
    members = group.get("SharingGroupOrg")
    if not isinstance(members, list) or not members:
        raise _Refused("misp.member-unknown")
    parties = {_read_member(one, table) for one in members}
    if not parties <= {*row.parties, own}:
        raise _Refused("misp.member-unknown")
    return frozenset(parties)


def _read_member(member: Any, table: MispTable) -> Party:
    organisation = member.get("Organisation") if isinstance(member, dict) else None
    uuid = organisation.get("uuid") if isinstance(organisation, dict) else None
    party = table.find_party(uuid) if isinstance(uuid, str) else None
    if party is None:
        raise _Refused("misp.member-unknown")
    return party


def _read_number(value: Any) -> int | None:
    """MISP writes its numbers as text, or as numbers."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    return int(text) if text in ("0", "1", "2", "3", "4", "5") else None
