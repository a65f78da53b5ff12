"""Events of MISP out: tagged with their label and marking, for the receiving organisation alone (X28).

Rules
- Every attribute, object and tag stays. To the tags come the label, our own marking and, in an exercise, its word.
- Every distribution becomes "your organisation only", so that the receiving MISP passes nothing on by itself; what a
  part inherited it goes on inheriting.
- Sharing groups are left out: who else is in one is nothing that a receiver needs to know.
"""

import json
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from comity.base.errors import RemoteError
from comity.exchange.misp_import import MISP_MEDIA
from comity.exchange.misp_read import OWN_TAG, find_version, read_events
from comity.exchange.own_marking import format_own_marking, is_exercise
from comity.exchange.stix_write import StixWriter
from comity.procedure.item import Portion

__all__ = ["EXERCISE_TAG", "OutEvent", "list_manifest", "write_events"]

EXERCISE_TAG: Final = "EXERCISE EXERCISE EXERCISE"
_COLOURS: Final = {
    "clear": "#ffffff",
    "green": "#339900",
    "amber": "#ffc000",
    "amber+strict": "#ffc000",
    "red": "#cc0033",
}
_SHOWN: Final = ("Orgc", "Tag", "info", "date", "analysis", "threat_level_id", "timestamp")


class OutEvent(NamedTuple):
    """One event as it goes out, and the items that it is written from."""

    uuid: str
    fields: dict[str, Any]
    items: tuple[bytes, ...]


def write_events(portions: Iterable[tuple[bytes, Portion]], writer: StixWriter) -> list[OutEvent]:
    """Return the events of portions that hold MISP's, each once; the labels are those that `writer` gives STIX.

    A portion comes with its item. Of one event under several markings, or in several versions, the newest goes out,
    under the tags of all of them.
    """
    written: dict[str, OutEvent] = {}
    for item, portion in portions:
        found = writer.find_signs(portion.marking) if portion.media == MISP_MEDIA else None
        if found is None:
            continue
        label, own = found
        for event, code in _read(portion.content):
            if code:
                continue
            fields = _narrow(event)
            fields["distribution"] = "0"
            tags = [{"name": f"tlp:{label}", "colour": _COLOURS[label], "exportable": True},
                    {"name": OWN_TAG + format_own_marking(own), "colour": "#444444", "exportable": True}]  # fmt: skip
            if is_exercise(own.realm):
                tags.insert(0, {"name": EXERCISE_TAG, "colour": "#ff00ff", "exportable": True})
            held = fields.get("Tag")
            fields["Tag"] = [*(held if isinstance(held, list) else []), *tags]
            uuid = str(fields["uuid"])
            made = OutEvent(uuid, fields, (item,))
            written[uuid] = _join(written[uuid], made) if uuid in written else made
    return list(written.values())


def _join(held: OutEvent, new: OutEvent) -> OutEvent:
    """Return one event for two of one UUID: the newer one's parts, the later one's of equals, and the tags of both."""
    older, newer = (new, held) if find_version(new.fields) < find_version(held.fields) else (held, new)
    tags = [*newer.fields["Tag"], *(tag for tag in older.fields["Tag"] if tag not in newer.fields["Tag"])]
    return OutEvent(newer.uuid, {**newer.fields, "Tag": tags}, (*held.items, *new.items))


def _read(content: bytes) -> Iterable[tuple[dict[str, Any], str]]:
    """Yield the events of a portion; another party wrote it, and what is not sound in it is not passed on."""
    try:
        return [(event.fields, code) for event, code in read_events(content)]
    except RemoteError:
        return []


def _narrow(value: Any) -> Any:
    """Return a part without sharing groups, for one organisation."""
    if isinstance(value, list):
        return [_narrow(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _narrow(one) for key, one in value.items() if key != "SharingGroup"}
    if "distribution" in kept and str(kept["distribution"]) != "5":
        kept["distribution"] = "0"
    if "sharing_group_id" in kept:
        kept["sharing_group_id"] = "0"
    return kept


def list_manifest(events: Iterable[OutEvent]) -> bytes:
    """Return the manifest of a feed: what MISP reads first, to see what is new."""
    rows = {event.uuid: {key: event.fields[key] for key in _SHOWN if key in event.fields} for event in events}
    return json.dumps(rows, ensure_ascii=False).encode("utf-8", "replace")
