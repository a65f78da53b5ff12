"""A STIX bundle sorted by marking: contents of portions that are bundles themselves, with the objects as they came.

A marking object is no information of its own: it is kept with each object that refers to it, wherever that goes. One
that nothing refers to is an object like any other (docs/spec/exchange.md, X12 and X13).
"""

import uuid
from collections.abc import Sequence
from typing import Final

from comity.base.errors import RemoteError
from comity.exchange.marker import Marker
from comity.exchange.sorting import PORTION_SIZE_BYTES_MAX, Content, Incoming, Sorted
from comity.exchange.stix_read import BUNDLE_SIZE_BYTES_MAX, ID_SHOWN_SIZE_MAX, Found, Refused, read_bundle
from comity.exchange.stix_signs import Definitions
from comity.procedure.entry import Marking

__all__ = ["STIX_MEDIA", "sort_bundle", "write_bundle"]

STIX_MEDIA: Final = "application/stix+json;version=2.1"
_NAMESPACE: Final = uuid.UUID("8a1e54a4-9d7b-4c3a-9d57-0c5f3f0b9f11")


def sort_bundle(raw: bytes, marker: Marker) -> Sorted:
    """Read a bundle, mark every object and sort them.

    Raises:
        RemoteError: as `read_bundle`; `stix.too-large` too where what is to be kept would be.
    """
    found, refused = read_bundle(raw)
    definitions = Definitions(found)
    marked: dict[Marking, list[Incoming]] = {}
    used: set[str] = set()
    unused: list[tuple[Found, Marking | str, tuple[str, ...]]] = []
    for one in found:
        signs, code, needed = definitions.find_signs(one.object)
        code = code or marker.find_realm_fault(one.object.labels)
        marking = code or marker.mark(signs)
        if one.object.kind == "marking-definition":
            unused.append((one, marking, needed))
        elif isinstance(marking, str):
            refused.append(_refuse(one, marking))
        else:
            used.update(needed)
            marked.setdefault(marking, []).append(_make_row(one, needed))
    for one, marking, needed in unused:
        if one.object.id in used:
            continue
        if isinstance(marking, str):
            refused.append(_refuse(one, marking))
        else:
            marked.setdefault(marking, []).append(_make_row(one, needed))
    refused.sort(key=lambda row: row.index)
    sorted_ = Sorted(STIX_MEDIA, lambda rows: _cut(rows, definitions), refused=refused)
    for marking in sorted(marked, key=lambda one: (one.level, one.caveats, one.topics)):
        sorted_.put(marking, marked[marking])
    if sorted_.size_bytes > 2 * BUNDLE_SIZE_BYTES_MAX:
        # Marking objects that many others refer to, made to be kept many times over.
        raise RemoteError("stix.too-large", size_bytes=sorted_.size_bytes, size_bytes_max=2 * BUNDLE_SIZE_BYTES_MAX)
    return sorted_


def _make_row(one: Found, needed: tuple[str, ...]) -> Incoming:
    return Incoming(one.place, one.object.id, one.object.version, one.raw, needed)


def _refuse(one: Found, code: str) -> Refused:
    return Refused(one.place, one.object.id[:ID_SHOWN_SIZE_MAX], code)


def _cut(rows: Sequence[Incoming], definitions: Definitions) -> list[Content]:
    """Return contents of portions: bundles of the objects in their order, each with the marking objects it needs."""
    contents: list[Content] = []
    held: list[bytes] = []
    with_it: dict[bytes, None] = {}
    size = 0
    for row in rows:
        one = row.raw
        if held and size + len(one) > PORTION_SIZE_BYTES_MAX:
            contents.append((write_bundle([*with_it, *held]), len(held)))
            held, with_it, size = [], {}, 0
        for id_ in row.needed:
            for raw in definitions.get_raw(id_):
                if raw not in with_it and raw != one:
                    with_it[raw] = None
                    size += len(raw)
        held.append(one)
        size += len(one)
    contents.append((write_bundle([*with_it, *held]), len(held)))
    return contents


def write_bundle(objects: list[bytes]) -> bytes:
    """Return a bundle of objects as they are; its id is drawn from what is in it, so that it is the same each time."""
    joined = b",".join(objects)
    id_ = uuid.uuid5(_NAMESPACE, joined.decode("latin-1"))
    return b'{"type":"bundle","id":"bundle--%b","objects":[%b]}' % (str(id_).encode(), joined)
