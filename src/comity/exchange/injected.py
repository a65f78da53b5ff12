"""An inject as a message of another system: a CAP alert, a STIX bundle, each called an exercise (X72, X73).

The same inject given at the same instant is the same bytes, so what is put in twice is known the second time.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Final, NamedTuple

from comity.base.instants import Instant, to_datetime
from comity.exchange.cap import Alert, Block
from comity.exchange.cap_time import format_time
from comity.exchange.cap_write import format_alert

__all__ = ["Given", "make_inject_alert", "make_inject_bundle"]

EXERCISE: Final = "EXERCISE EXERCISE EXERCISE"
_NAMESPACE: Final = uuid.UUID("5f0d4b7a-52a0-4f0e-9d4e-3a3c3f2d9b61")


class Given(NamedTuple):
    """An inject that was given: of which exercise, from which seat, its text by language, when."""

    exercise: str
    number: str
    seat: str
    texts: Mapping[str, str]
    at: Instant


def make_inject_alert(given: Given) -> bytes:
    """Return a public alert of status Exercise, in each language of the inject."""
    blocks = tuple(
        Block(language=language, categories=("Other",), event=EXERCISE, urgency="Unknown", severity="Unknown",
              certainty="Unknown", sender_name=given.seat, headline=text[:160], description=text)
        for language, text in sorted(given.texts.items())
    )  # fmt: skip
    alert = Alert(
        identifier=f"{given.exercise[:16]}-{given.number}", sender=f"{given.seat}.exercise", sent=format_time(given.at),
        status="Exercise", message_type="Alert", scope="Public", note=EXERCISE, blocks=blocks,
    )  # fmt: skip
    return format_alert(alert)


def make_inject_bundle(given: Given) -> bytes:
    """Return an envelope of TAXII with who speaks and a report of it; STIX has no word for an exercise but labels."""
    at = to_datetime(given.at).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    author, report = (_make_id(kind, given) for kind in ("identity", "note"))
    shared = {"spec_version": "2.1", "created": at, "modified": at, "labels": ["exercise", "role-play"]}
    texts = [text for _, text in sorted(given.texts.items())]
    objects = [
        {"type": "identity", "id": author, "name": f"{given.seat} ({EXERCISE})", **shared},
        {"type": "note", "id": report, "created_by_ref": author, "abstract": f"{EXERCISE} {given.number}",
         "content": "\n".join(texts), "object_refs": [author], **shared},
    ]  # fmt: skip
    return json.dumps({"objects": objects}, ensure_ascii=False).encode()


def _make_id(kind: str, given: Given) -> str:
    return f"{kind}--{uuid.uuid5(_NAMESPACE, f'{given.exercise}|{given.number}|{kind}')}"
