"""Events of MISP sorted by marking: each a portion of its own, with its bytes (docs/spec/exchange.md, X24 to X27)."""

from typing import Final

from comity.base.names import Party
from comity.exchange.marker import Marker
from comity.exchange.misp_read import find_signs, find_version, read_events
from comity.exchange.misp_table import MispTable
from comity.exchange.sorting import Incoming, Sorted
from comity.exchange.stix_read import Refused
from comity.procedure.entry import Marking

__all__ = ["MISP_MEDIA", "sort_events"]

MISP_MEDIA: Final = "application/vnd.misp+json"


def sort_events(raw: bytes, marker: Marker, *, table: MispTable, own: Party) -> Sorted:
    """Read a file of events, mark each and sort them.

    Raises:
        RemoteError: as `read_events`.
    """
    sorted_ = Sorted(MISP_MEDIA)
    found: dict[Marking, list[Incoming]] = {}
    for event, code in read_events(raw):
        signs = code or find_signs(event, table=table, own=own)
        marking = signs if isinstance(signs, str) else marker.mark(signs)
        if isinstance(marking, str):
            sorted_.refused.append(Refused(event.place, event.uuid, marking))
        else:
            row = Incoming(event.place, event.uuid, str(find_version(event.fields)), event.raw)
            found.setdefault(marking, []).append(row)
    for marking, rows in found.items():
        sorted_.put(marking, rows)
    return sorted_
