"""Public warnings at a node's desk: alerts in, marked before they are stored; alerts out, as the funnel permits."""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Callable, Container, Sequence
from functools import partial
from typing import Annotated, Final, NamedTuple

import msgspec

from comity.api.desk import Desk
from comity.api.form import parse_id, simplify
from comity.api.held_alerts import (
    LANGUAGES,
    PAUSE_COUNT,
    ListedAlert,
    MayHave,
    has_no_ceiling,
    read_warning,
    show_alert,
)
from comity.api.known import Known
from comity.api.released import Decide, prepare_entries
from comity.api.shape import Parties
from comity.api.terms import say_term_in
from comity.api.views.exchange import AlertBody, AlertShown, AlertTaken
from comity.base.errors import UsageError
from comity.base.limits import XML_SIZE_BYTES_MAX
from comity.base.names import Party
from comity.exchange.cap import MEDIA, Alert, MessageType
from comity.exchange.cap_make import Setting, format_sent, make_ack, make_alert
from comity.exchange.cap_marking import check_status, mark_alert
from comity.exchange.cap_read import find_references
from comity.exchange.cap_write import format_alert
from comity.exchange.imported import Came, find_content_keys
from comity.exchange.warned import WARNING_KINDS, Message, find_messages, read_subject
from comity.machine.funnel import decode_known
from comity.procedure.entry import Entry, Marking
from comity.procedure.item import Portion, PortionKind
from comity.procedure.verdict import Permit

__all__ = [
    "AlertRow",
    "TakingAlert",
    "acknowledge_alert",
    "export_alert",
    "find_alerts",
    "list_alerts",
    "show_row",
    "take_alert",
]


SHOWN_COUNT_MAX: Final = 1_000
"""Alerts in one answer."""


class TakingAlert(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alert to take in, its bytes in Base64. Without `level` it is marked by the pact's row; `to` none: oneself."""

    alert: Annotated[str, msgspec.Meta(max_length=XML_SIZE_BYTES_MAX * 4 // 3 + 4)]
    to: Parties = ()
    level: Annotated[str, msgspec.Meta(max_length=48)] = ""
    topics: Annotated[tuple[str, ...], msgspec.Meta(max_length=64)] = ()
    caveats: Annotated[tuple[str, ...], msgspec.Meta(max_length=64)] = ()
    preview: bool = False


async def take_alert(desk: Desk, taking: TakingAlert, known: Known) -> AlertTaken:
    """Read, check and mark an alert, and make an item of its own bytes; or only preview who would get it.

    One that came in before under this marking and for these readers is that item; an Update or Cancel names the items
    of the alerts that it refers to (X52).

    Raises:
        RemoteError: what is wrong with the alert.
        UsageError: `cap.other-realm`, `cap.no-mapping`, `release.withheld`, `approval.awaited`.
    """
    machine, node = desk.node.machine, desk.node
    try:
        raw = base64.b64decode(taking.alert, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError("api.malformed") from error
    # Reading a large one takes its time, and the node goes on meanwhile.
    media, alert = await asyncio.to_thread(read_warning, raw)
    check_status(alert, machine.setup.pins.realm)
    party, topics, caveats = machine.party, tuple(sorted({*taking.topics})), tuple(sorted({*taking.caveats}))
    given = Marking(party, party, taking.level, topics, caveats) if taking.level else None
    marking = mark_alert(alert, pact=machine.pact, party=party, given=given)
    portions = (Portion(marking, media, LANGUAGES[media], raw, _find_kind(raw)),)
    audience = tuple(sorted({*taking.to, party}))
    (key,) = find_content_keys(marking, audience, media, (raw,))
    async with known.turn:
        standing = (await known.find((key,))).get(key)
        earlier = await known.find_earlier({f"cap:{one}": 1 for one in _list_replaced(alert)})
        supersedes = sorted({item.hex() for items in earlier.values() for item in items})
        shown: AlertTaken = {"alert": show_alert(alert), "marking": simplify(marking), "is_known": standing is not None,
                 "supersedes": supersedes}  # fmt: skip
        if taking.preview:
            return {**shown, "decided": simplify(desk.items.preview(portions, audience=audience, at=node.now()))}
        if standing is None:
            made = desk.items.make(portions, at=node.now())
            await known.note((Came(key, made.digest, f"cap:{alert.reference}", 0),))
            await desk.items.give(made, audience=audience, at=node.now())
            return {**shown, "item": made.digest.hex()}
    if standing.awaited is not None:
        raise standing.awaited
    return {**shown, "item": standing.item.hex()}


def _find_kind(raw: bytes) -> PortionKind:
    """Return what an alert is as a portion: text, or for machines where its own encoding is another (R36, X32)."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return PortionKind.OBJECT
    return PortionKind.TEXT


def _list_replaced(alert: Alert) -> tuple[str, ...]:
    """Return the alerts whose place an Update or Cancel takes."""
    replaces = alert.message_type in (MessageType.UPDATE, MessageType.CANCEL)
    return tuple(",".join(one) for one in find_references(alert)) if replaces else ()


class AlertRow(NamedTuple):
    """What identifies an alert in its list and puts it in order, and what shows it: of a page alone it is made."""

    kind: str
    id: str
    sent: str
    show: Callable[[], AlertBody]


def show_row(row: AlertRow) -> AlertShown:
    """Return what a list says of an alert."""
    return {"id": row.id, "kind": row.kind, **row.show()}


async def find_alerts(
    desk: Desk,
    *,
    to: Party,
    goes_out: bool,
    may_have: MayHave = has_no_ceiling,
    only: Container[bytes] | None = None,
) -> list[AlertRow]:
    """Return the alerts that `to` may have, by the time they were sent: made of a statement, or held as it came.

    `goes_out`: not an officer of this party looks himself, but a consumer, or he for one. `only`: those of these ids
    alone, the first statement's or the item's.
    """
    decide = prepare_entries(desk.node.machine, to=to, at=desk.node.now())
    rows = [
        AlertRow(kind, messages[0].id.hex(), format_sent(messages[-1], desk.node.machine.pact),
                 partial(_show, desk, messages, decide))
        async for kind, messages in _find_chains(desk, decide, may_have, only)
    ]  # fmt: skip
    rows += [
        AlertRow("item", row.item.hex(), row.shown["sent"], partial(_get_shown, row))
        async for row in desk.alerts.list(to=to, goes_out=goes_out, may_have=may_have, only=only)
    ]
    return sorted(rows, key=lambda row: (row.sent, row.id))


def _cut_latest(rows: Sequence[AlertRow]) -> Sequence[AlertRow]:
    return rows[-SHOWN_COUNT_MAX:]


async def list_alerts(
    desk: Desk,
    *,
    to: Party,
    goes_out: bool,
    may_have: MayHave = has_no_ceiling,
    before: int = 0,
    cut: Callable[[Sequence[AlertRow]], Sequence[AlertRow]] = _cut_latest,
) -> list[AlertShown]:
    """Show the alerts of `find_alerts` that `cut` leaves, the latest if nothing is said.

    `before` leaves out so many of the latest, for whoever wants those further back.
    """
    rows = await find_alerts(desk, to=to, goes_out=goes_out, may_have=may_have)
    return [show_row(row) for row in cut(rows[: max(0, len(rows) - before)])]


async def export_alert(
    desk: Desk, id_: str, *, to: Party, goes_out: bool, may_have: MayHave = has_no_ceiling
) -> tuple[bytes, str]:
    """Return one alert and its media type: an own one made anew, one that came in with the bytes as they came.

    Raises:
        UsageError: `cap.no-alert`, also where `to` may not have it: a consumer is told no more than of one that is not.
    """
    wanted = parse_id(id_)
    decide = prepare_entries(desk.node.machine, to=to, at=desk.node.now())
    async for _, messages in _find_chains(desk, decide, may_have):
        if wanted in {message.id for message in messages}:
            return format_alert(_make(desk, messages, decide)), MEDIA
    for row in await desk.alerts.find(wanted, to=to, goes_out=goes_out, may_have=may_have):
        return row.raw, row.media
    raise UsageError("cap.no-alert", beginning=id_[:16])


async def acknowledge_alert(desk: Desk, id_: str) -> bytes:
    """Return the message that acknowledges an alert which came in.

    Raises:
        UsageError: `cap.no-alert`.
    """
    machine = desk.node.machine
    for row in await desk.alerts.find(parse_id(id_), to=machine.party, goes_out=False):
        if row.media != MEDIA:
            continue  # a telegram is answered by nobody
        lineage = machine.setup.pins.lineage
        made = make_ack(row.alert, by=machine.party, at=desk.node.now(), lineage=lineage, pact=machine.pact)
        return format_alert(made)
    raise UsageError("cap.no-alert", beginning=id_[:16])


async def _find_chains(
    desk: Desk, decide: Decide, may_have: MayHave, only: Container[bytes] | None = None
) -> AsyncIterator[tuple[str, tuple[Message, ...]]]:
    """Yield the messages of each statement that warns, without those that are not permitted."""
    machine = desk.node.machine

    def is_shown(entry: Entry) -> bool:
        subject = read_subject(entry)
        return subject is not None and isinstance(decide(entry), Permit) and may_have((subject.text.marking,))

    for kind in WARNING_KINDS:
        for number, scope in enumerate(machine.record.list_scopes(kind)):
            if number % PAUSE_COUNT == PAUSE_COUNT - 1:
                await asyncio.sleep(0)
            if only is not None and scope.ref not in only:
                continue
            first = machine.record.find_statement(scope.ref)
            if first is None or not first.counts or read_subject(first.entry) is None:
                continue
            messages = find_messages(machine.record.list_statements(scope), first, decode=decode_known)
            kept = tuple(message for message in messages if message.entry is None or is_shown(message.entry))
            if kept and kept[0].entry is not None:
                yield kind, kept


def _show(desk: Desk, messages: tuple[Message, ...], decide: Decide) -> AlertBody:
    return show_alert(_make(desk, messages, decide))


def _get_shown(row: ListedAlert) -> AlertBody:
    return row.shown


def _make(desk: Desk, messages: tuple[Message, ...], decide: Decide) -> Alert:
    machine = desk.node.machine
    said = next(message.entry for message in reversed(messages) if message.entry is not None)
    decision = decide(said)
    handled = decision.handled_as if isinstance(decision, Permit) else None
    setting = Setting(
        pact=machine.pact,
        lineage=machine.setup.pins.lineage,
        realm=machine.setup.pins.realm,
        say_event=say_term_in,
    )
    return make_alert(messages, handled_as=handled.level if handled else "", setting=setting)
