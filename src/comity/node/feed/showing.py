"""What the own operator sees of the warning feed: how it stands, and rows as lines of JSON."""

from collections.abc import Iterable, Mapping

import msgspec

from comity.base.instants import Instant
from comity.base.names import Party, Realm
from comity.node.feed.kept import QuarantinedRow
from comity.pact.model import Pact
from comity.warning.channel import Channel
from comity.warning.classes import find_kind
from comity.warning.door import Door
from comity.warning.layout import Flag
from comity.warning.rows import Block
from comity.warning.situation import TrackName
from comity.warning.tally import Tally

__all__ = ["show_feed", "show_rows", "show_tally"]

_DEGREE = 10_000_000
_ENCODER = msgspec.json.Encoder()


def show_feed(
    channel: Channel,
    door: Door,
    *,
    links: Mapping[Party, bool],
    kept: tuple[int, int] = (0, 0),
    apart: Iterable[QuarantinedRow] = (),
) -> dict[str, object]:
    """Return own journals, others', sources and links with their counts since the start, and what is in quarantine.

    `kept` are the pages that are kept, and what all that is kept takes on the disk.
    """
    return {
        "kept": {"pages": kept[0], "size_bytes": kept[1]},
        "out": [
            {
                "audience": list(outlet.id.audience),
                "pages": outlet.next_number,
                "rows": outlet.row_count,
                "waiting": outlet.waiting.row_count,
                "dropped": dict(outlet.waiting.dropped),
                "withdrawn": dict(outlet.waiting.withdrawn),
                "is_closed": outlet.is_behind,
            }
            for outlet in channel.outlets()
        ],
        "in": [
            {
                "author": inlet.id.author,
                "incarnation": inlet.id.incarnation,
                "audience": list(inlet.id.audience),
                "pages": inlet.page_count,
                "rows": inlet.row_count,
                "late": inlet.late_count,
                "missing": inlet.missing_count,
                "lost": inlet.lost_count,
                "disowned": inlet.disowned_count,
                "is_forked": inlet.is_forked,
                "held": channel.intake.count_held(inlet.id.author),
            }
            for inlet in channel.intake.inlets()
        ],
        "sources": {source: show_tally(tally) for source, tally in sorted(door.tallies.items())},
        "links": dict(links),
        "quarantined": [
            {
                "author": row.author,
                "class": row.class_,
                "code": row.code,
                "clause": row.clause,
                "blocks": row.block_count,
                "rows": row.row_count,
                "first_at": row.first_at,
                "last_at": row.last_at,
            }
            for row in apart
        ],
    }


def show_tally(tally: Tally) -> dict[str, int]:
    """Return how many reports were taken, and how many were flagged or refused for each reason."""
    return {"taken": tally.taken, **{reason.value: count for reason, count in sorted(tally.counts.items())}}


def show_rows(author: Party, block: Block, pact: Pact, *, at: Instant, realm: Realm) -> bytes:
    """Return each row of a block as a line, with its realm; late is what was stale when it came (W51)."""
    row_of = pact.find_track_class(block.class_)
    stale_after_ms = row_of.stale_after_ms if row_of else 0
    lines = []
    for row in block.rows:
        told: dict[str, object] = {
            "realm": realm,
            "author": author,
            "class": block.class_,
            "track": str(TrackName(author, int(row["track"]))) if row["track"] else "",
            "number": int(row["number"]),
            "at": int(row["at"]),
            "came_at": at,
            "is_late": at - int(row["at"]) > stale_after_ms,
            "latitude": int(row["latitude"]) / _DEGREE,
            "longitude": int(row["longitude"]) / _DEGREE,
            "kind": (find_kind(row_of, int(row["kind"])) or "") if row_of else "",
            "is_dropped": bool(row["flags"] & Flag.DROPPED),
        }
        if row["flags"] & Flag.ALTITUDE:
            told["altitude"] = int(row["altitude"]) / 10
        if block.coarsening is not None:
            told["told_under"] = block.coarsening.clause
        lines.append(_ENCODER.encode(told) + b"\n")
    return b"".join(lines)
