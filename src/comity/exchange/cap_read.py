"""Reading an alert: from bytes to `Alert`, or refused with the place and the rule that it breaks (X31, X32).

Rules
- CAP 1.2 as its schema has it: order, how often, values. And what its text asks beyond that: names without spaces,
  references of three parts, closed polygons, an addressee where the scope is Private.
- CAP 1.1 is read too: `Z` may stand for UTC there, a resource may lack its media type, and *Very Likely*, which 1.1
  keeps from before, is *Likely*.
- Nothing is guessed and nothing repaired. A signature is noted and left in the bytes, unverified.
"""

import enum
import re
from collections.abc import Sequence
from typing import Any, Final

from comity.base.errors import RemoteError
from comity.exchange.cap import (
    ALERT,
    CAP,
    CAP_1_1,
    RESOURCE,
    SIGNATURE,
    Alert,
    Area,
    Certainty,
    Field,
    Group,
    Kind,
    MessageType,
    Scope,
)
from comity.exchange.cap_time import find_coordinate_udeg, find_instant
from comity.exchange.xml_door import Element, read_xml

__all__ = ["find_addresses", "find_references", "parse_alert"]

_VERSIONS: Final = {CAP: "1.2", CAP_1_1: "1.1"}
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?\d{1,12}(\.\d{1,12})?", re.ASCII)
_QUOTED: Final = re.compile(r'"([^"]*)"|(\S+)')
_VERY_LIKELY: Final = "Very Likely"


def parse_alert(raw: bytes) -> Alert:
    """Read an alert.

    Raises:
        RemoteError: what `read_xml` raises; `cap.version` for what is no CAP 1.1 or 1.2; `cap.malformed` with the place
            and the rule: missing, repeated, order, unknown, empty, value, references, address.
    """
    root = read_xml(raw)
    version = _VERSIONS.get(root.namespace)
    if version is None or root.name != "alert":
        raise RemoteError("cap.version", evidence=raw)
    signatures = [child for child in root.children if child.namespace == SIGNATURE and child.name == "Signature"]
    body = [child for child in root.children if child.namespace != SIGNATURE]
    try:
        values = _Reader(root.namespace, version).read(body, ALERT, "alert")
        alert = Alert(**values, version=version, is_signed=bool(signatures))
        _check_whole(alert)
    except _Refused as refused:
        raise RemoteError("cap.malformed", evidence=raw, at=refused.at, rule=refused.rule) from None
    return alert


def find_references(alert: Alert) -> tuple[tuple[str, str, str], ...]:
    """Return what an alert refers to: sender, identifier and time of each."""
    rows = (reference.split(",") for reference in alert.references.split())
    return tuple((row[0], row[1], row[2]) for row in rows)


def find_addresses(alert: Alert) -> tuple[str, ...]:
    """Return the addressees: separated by spaces, quoted where one has a space in it."""
    return tuple(match[1] or match[2] for match in _QUOTED.finditer(alert.addresses) if match[1] or match[2])


class _Refused(Exception):  # noqa: N818 -- it never leaves this file
    def __init__(self, at: str, rule: str) -> None:
        super().__init__(at, rule)
        self.at, self.rule = at, rule


class _Reader:
    def __init__(self, namespace: str, version: str) -> None:
        self._namespace = namespace
        self._is_old = version == "1.1"

    def read(self, children: Sequence[Element], group: Group, at: str) -> dict[str, Any]:
        """Return the values of a table's fields, read from children that must stand in its order."""
        found: dict[str, list[Any]] = {}
        reached = 0
        table = group.fields
        by_name = {field.element: number for number, field in enumerate(table)}
        for child in children:
            number = by_name.get(child.name) if child.namespace == self._namespace else None
            if number is None:
                raise _Refused(at, "unknown")
            field = table[number]
            if number < reached:
                raise _Refused(f"{at}.{field.element}", "order")
            reached = number
            rows = found.setdefault(field.attribute, [])
            if rows and not field.is_list:
                raise _Refused(f"{at}.{field.element}", "repeated")
            rows.append(self._read_field(child, field, f"{at}.{field.element}", len(rows) + 1))
        for field in table:
            if field.is_required and field.attribute not in found and not self._may_lack(group, field):
                raise _Refused(f"{at}.{field.element}", "missing")
        lists = {field.attribute for field in table if field.is_list}
        return {name: tuple(rows) if name in lists else rows[0] for name, rows in found.items()}

    def _may_lack(self, group: Group, field: Field) -> bool:
        return self._is_old and group is RESOURCE and field.attribute == "media"

    def _read_field(self, element: Element, field: Field, at: str, number: int) -> Any:
        if isinstance(field.holds, Group):
            return field.holds.builds(**self.read(element.children, field.holds, f"{at}[{number}]"))
        if element.children:
            raise _Refused(at, "unknown")
        text = element.text.strip()
        if not isinstance(field.holds, Kind):
            return self._read_value(text, field.holds, at)
        return text if field.holds is Kind.TEXT else self._read_kind(text, field, at)

    def _read_value(self, text: str, values: type[enum.StrEnum], at: str) -> str:
        if self._is_old and values is Certainty and text == _VERY_LIKELY:
            return Certainty.LIKELY.value
        if text not in {member.value for member in values}:
            raise _Refused(at, "value")
        return text

    def _read_kind(self, text: str, field: Field, at: str) -> str:
        if not text:
            raise _Refused(at, "empty")
        fits = {
            Kind.NAME: not re.search(r"[\s,<&]", text),
            Kind.TIME: find_instant(text, with_z=self._is_old) is not None,
            Kind.LANGUAGE: _LANGUAGE.fullmatch(text) is not None,
            Kind.NUMBER: _NUMBER.fullmatch(text) is not None,
            Kind.REFERENCES: all(_is_reference(row) for row in text.split()),
            Kind.POLYGON: _is_polygon(text),
            Kind.CIRCLE: _is_circle(text),
        }
        assert isinstance(field.holds, Kind)
        if not fits[field.holds]:
            raise _Refused(at, "value")
        return text


def _is_reference(text: str) -> bool:
    parts = text.split(",")
    return len(parts) == 3 and all(parts) and find_instant(parts[2]) is not None


def _is_polygon(text: str) -> bool:
    points = text.split()
    return len(points) >= 4 and points[0] == points[-1] and all(_is_point(point) for point in points)


def _is_circle(text: str) -> bool:
    parts = text.split()
    return len(parts) == 2 and _is_point(parts[0]) and _NUMBER.fullmatch(parts[1]) is not None and parts[1][0] != "-"


def _is_point(text: str) -> bool:
    latitude, comma, longitude = text.partition(",")
    return (
        comma == ","
        and find_coordinate_udeg(latitude, degrees_max=90) is not None
        and find_coordinate_udeg(longitude, degrees_max=180) is not None
    )


def _check_whole(alert: Alert) -> None:
    """What holds between elements (CAP 1.2, 3.2)."""
    if alert.scope == Scope.PRIVATE and not find_addresses(alert):
        raise _Refused("alert.addresses", "address")
    if alert.scope == Scope.RESTRICTED and not alert.restriction:
        raise _Refused("alert.restriction", "missing")
    answers = (MessageType.UPDATE, MessageType.CANCEL, MessageType.ACK, MessageType.ERROR)
    if alert.message_type in answers and not alert.references:
        raise _Refused("alert.references", "references")
    for number, block in enumerate(alert.blocks, 1):
        for area in block.areas:
            _check_heights(area, f"alert.info[{number}].area")


def _check_heights(area: Area, at: str) -> None:
    if area.ceiling_ft and not area.altitude_ft:
        raise _Refused(f"{at}.altitude", "missing")
