"""Through which door an inject comes: the local one by which life comes too, with control's or a seat's authority.

Each putting-in has a key made of exercise, inject and door, or is known by its bytes: done twice it is done once
(docs/spec/exercise.md, E38, E39).
"""

import asyncio
import hashlib
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

from comity.api.token import read_address
from comity.api.words import say_in
from comity.base.errors import OutageError, UsageError
from comity.base.instants import Instant
from comity.base.limits import XML_SIZE_BYTES_MAX
from comity.base.names import REAL
from comity.cli.act import Desk
from comity.cli.asking import find_realm_path
from comity.cli.feed_door import DoorHand, get_class
from comity.cli.files import read_bounded
from comity.cli.seats import speak_as
from comity.client.connection import find_error
from comity.exchange.deposit import DepositState
from comity.exchange.injected import Given, make_inject_alert, make_inject_bundle
from comity.exchange.taxii import TAXII_MEDIA
from comity.exercise.msel import Inject, Method
from comity.node.bell import read_clock
from comity.pact.offices import Act
from comity.pact.parse import parse_pact
from comity.pact.phrase import list_versions
from comity.pact.track import TrackClass
from comity.sensors.registry import open_reader
from comity.warning.reports import ReportLine, encode_line

__all__ = ["BY_HAND", "Doors", "find_given", "put_in", "tell"]

BY_HAND: Final = "by-hand"
DEEDS: Final = {Method.HOTLINE: Act.MESSAGE, Method.CAP: Act.RELEASE, Method.STIX: Act.RELEASE}
"""As which act of its party what comes through a door counts."""
TAXII_TIMEOUT_S: Final = 60.0
SUFFIXES: Final = {Method.TRACK: ".jsonl", Method.CAP: ".xml", Method.STIX: ".json"}


class Doors(NamedTuple):
    """What control's program was started with: payloads, the consumer of the TAXII door, the sensor's class, seats."""

    home: Path
    realm: str
    payloads: Path | None
    taxii_token: str
    track_class: str
    topics: tuple[str, ...]
    seats: dict[str, bytes]

    @property
    def folder(self) -> Path:
        """The realm's, where the token's node and the sensors' socket are found."""
        return find_realm_path(self.home, self.realm)


def find_given(row: dict[str, Any], inject: Inject) -> dict[str, Any]:
    """Return the act that gave an inject: the one that counted, of however many."""
    given = next(one for one in row["fired"] if one["number"] == inject.number)
    stated: dict[str, Any] = next(
        one["stated"] for one in row["acts"] if one["stated"]["id"] == given["stated_by"] and one["fate"] == "counts"
    )
    return stated


def put_in(desk: Desk, doors: Doors, row: dict[str, Any], inject: Inject) -> str:
    """Put an inject that was given through its door, for those whom the desk speaks to; return by which door.

    What would be the very act that is expected of control's own party is for a person to do: no deed of a party is
    made by the program that looks for it (E38).

    Raises:
        UsageError: as the doors say; `exercise.real`.
        OutageError: as the doors say.
    """
    if is_real(desk):
        raise UsageError("exercise.real")
    if inject.act is not None and inject.act is DEEDS.get(inject.method) and desk.party in inject.by:
        return BY_HAND
    return _put_in(desk, doors, inject, _make_given(row, inject))


def _make_given(row: dict[str, Any], inject: Inject) -> Given:
    at = Instant(find_given(row, inject)["written_at"])
    return Given(row["id"], inject.number, inject.from_, list_versions(inject.text), at)


def is_real(desk: Desk) -> bool:
    """Tell whether the node is one of realm `real`, where nothing is ever put in by an exercise."""
    return bool(desk.client.get("/v1/status")["realm"] == REAL)


def _make_key(given: Given, door: str) -> str:
    return hashlib.sha256(f"{given.exercise}|{given.number}|{door}".encode()).hexdigest()


def _put_in(desk: Desk, doors: Doors, inject: Inject, given: Given) -> str:
    match inject.method:
        case Method.HOTLINE:
            return _send(desk, doors, given)
        case Method.CAP:
            raw = _read_payload(doors, inject) or make_inject_alert(given)
            desk.client.take_alert(raw, to=desk.to, key=_make_key(given, "cap"))
            return "cap"
        case Method.STIX:
            raw = _read_payload(doors, inject) or make_inject_bundle(given)
            return _put_stix(desk, doors, given, raw)
        case Method.TRACK:
            raw = _read_payload(doors, inject)
            return asyncio.run(_hand_in(doors, raw)) if raw and doors.track_class else BY_HAND
        case _:
            return BY_HAND


def _read_payload(doors: Doors, inject: Inject) -> bytes:
    if doors.payloads is None:
        return b""
    path = doors.payloads / f"{inject.number}{SUFFIXES[inject.method]}"
    return read_bounded(path, XML_SIZE_BYTES_MAX) if path.exists() else b""


def _send(desk: Desk, doors: Doors, given: Given) -> str:
    """Send a message on the first line of the pact that all its players are on; it says that it is role-play."""
    pact = parse_pact(desk.client.read_pact().encode())
    ends = {*desk.to, desk.party}
    channel = next((line.id for line in pact.hotlines if ends <= set(line.parties)), "")
    if not channel:
        return BY_HAND
    statement = {"type": "MessageSent", "channel": channel, "level": "watch", "precedence": "immediate",
                 "consultation": [], "answers": [], "body": _mark(desk, doors, given, is_framed=True)}  # fmt: skip
    desk.client.state(desk.to, statement, key=_make_key(given, "hotline"))
    return channel


def _mark(desk: Desk, doors: Doors, given: Given, *, is_framed: bool = False) -> dict[str, Any]:
    frame = {language: say_in(language, "ROLE-PLAY") + f" ({given.seat}): " for language in given.texts}
    texts = tuple(f"{language}={frame[language] if is_framed else ''}{text}" for language, text in given.texts.items())
    return desk.marked(texts, "", doors.topics)


def _put_stix(desk: Desk, doors: Doors, given: Given, raw: bytes) -> str:
    """Put a bundle in by TAXII as the consumer whose token was named, and take it where it waits; else as a file."""
    if not doors.taxii_token:
        desk.client.import_file("stix", raw, to=desk.to, topics=doors.topics, level=desk.find_open_level(),
                                key=_make_key(given, "stix"))  # fmt: skip
        return "stix"
    waiting = _find_waiting(desk, raw)
    if not waiting:
        status = _post_envelope(doors, raw)
        waiting = status["id"] if status["status"] == "pending" else ""
    if waiting:
        desk.client.take_deposit(waiting, key=_make_key(given, f"deposit {waiting}"))
    return "taxii"


def _find_waiting(desk: Desk, raw: bytes) -> str:
    """Return the deposit of the same bytes that waits since a putting-in that was broken off; nothing for none."""
    waiting = (one for one in desk.client.list_deposits() if one["state"] == DepositState.WAITING.value)
    alike = (one["id"] for one in waiting if one["size_bytes"] == len(raw))
    return next((id_ for id_ in alike if desk.client.read_deposit(id_) == raw), "")


def _post_envelope(doors: Doors, raw: bytes) -> dict[str, Any]:
    """Do what any TAXII client does; the same objects put in again are known by what they are.

    Raises:
        OutageError: `api.unreachable`.
        ComityError: as the node answered.
    """
    headers = {"Authorization": f"Bearer {doors.taxii_token}", "Accept": TAXII_MEDIA, "Content-Type": TAXII_MEDIA}
    try:
        with httpx.Client(base_url=read_address(doors.folder), headers=headers, timeout=TAXII_TIMEOUT_S,
                          trust_env=False) as http:  # fmt: skip
            listed = http.get("/taxii2/comity/collections/")
            if not listed.is_success:
                raise find_error(listed)
            collection = listed.json()["collections"][0]["id"]
            answer = http.post(f"/taxii2/comity/collections/{collection}/objects/", content=raw)
    except httpx.HTTPError as error:
        raise OutageError("api.unreachable") from error
    if not answer.is_success:
        raise find_error(answer)
    status: dict[str, Any] = answer.json()
    return status


async def _hand_in(doors: Doors, raw: bytes) -> str:
    """Hand reports in at the sensors' socket; they are of now, however old the file is."""
    row = await get_class(doors.folder, doors.track_class)
    hand = DoorHand(doors.folder, class_=doors.track_class, source="exercise", is_replay=True)
    reports = _read_reports(raw, row)
    async with hand.open():
        if reports:
            await hand.give(b"".join(map(encode_line, reports)), len(reports))
        await hand.finish()
    return "track"


def _read_reports(raw: bytes, row: TrackClass) -> list[ReportLine]:
    from comity.cli.replaying import plan_replay  # noqa: PLC0415 -- tracks alone need it

    reader, now = open_reader("json", row), read_clock()
    reports = [*reader.feed(raw, now), *reader.finish(now)]
    return [one for _, one in plan_replay(reports, begins_at=Instant(now), speed=0, is_shifted=True)]


def tell(desk: Desk, doors: Doors, row: dict[str, Any], inject: Inject) -> None:
    """Give the text of an inject that was given to those whom the desk speaks to.

    Raises:
        UsageError: `exercise.real`; as the node says.
        OutageError: as the node says.
    """
    if is_real(desk):
        raise UsageError("exercise.real")
    given = _make_given(row, inject)
    body = _mark(desk, doors, given)
    if inject.from_ in doors.seats:
        speak_as(desk, row, inject.from_, doors.seats[inject.from_], body, number=inject.number, said_at=given.at,
                 key=_make_key(given, "seat"))  # fmt: skip
        return
    statement = {"type": "InjectTold", "exercise": row["id"], "number": inject.number, "seat": inject.from_,
                 "body": body, "role": row["role"],
                 "officer": find_given(row, inject)["entry"]["officer"]}  # fmt: skip
    desk.client.state(desk.to, statement, key=_make_key(given, "told"))
