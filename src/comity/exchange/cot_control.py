"""What a TAK client and this node say to each other beside tracks: logins, pings, versions, removals (X65, X67).

Rules
- Types that begin with `t-` are about the connection: none of them is ever a report.
- A client that asks for TAK's binary form is told no, under the uid of its question, and stays on XML.
- What a client says of itself beyond name and token is not read.
"""

import enum
from typing import Final, NamedTuple

from comity.base.errors import RemoteError
from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Realm
from comity.exchange.cot import Event, Place, format_event
from comity.exchange.cot_marking import format_opex
from comity.exchange.xml_door import Element

__all__ = ["Control", "Login", "find_control", "make_answer", "make_removal", "read_login"]

_NOWHERE: Final = Place(0.0, 0.0, 0.0)
_WORD_SIZE_MAX: Final = 512


class Control(enum.Enum):
    """What an event about the connection asks for."""

    PING = "t-x-c-t"
    VERSION = "t-x-takp-q"
    OTHER = "t-"


class Login(NamedTuple):
    """Whose token is shown; both may be empty."""

    name: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Login({self.name!r})"


def find_control(root: Element) -> Control | None:
    """Return what an event asks about the connection; None where it is about something else."""
    type_ = root.attributes.get("type", "").strip()
    if root.name != "event" or not type_.startswith("t-"):
        return None
    return next((one for one in (Control.PING, Control.VERSION) if one.value == type_), Control.OTHER)


def make_answer(control: Control, root: Element, at: Instant) -> bytes:
    """Return what is answered; nothing where nothing is."""
    if control is Control.PING:
        return _format("takPong", "t-x-c-t-r", at, stale_ms=20 * SECOND_MS)
    if control is Control.VERSION:
        uid = root.attributes.get("uid", "")[:_WORD_SIZE_MAX] or "protouid"
        refused = Element("", "TakControl", {}, [Element("", "TakResponse", {"status": "false"})])
        return _format(uid, "t-x-takp-r", at, stale_ms=MINUTE_MS, more=(refused,))
    return b""


def make_removal(uid: str, type_: str, at: Instant, realm: Realm) -> bytes:
    """Return the event that takes another one off a client's map."""
    more = (
        Element("", "link", {"uid": uid, "type": type_, "relation": "p-p"}),
        Element("", "__forcedelete", {}),
    )
    return _format(f"{uid}/removed", "t-x-d-d", at, stale_ms=MINUTE_MS, more=more, opex=format_opex(realm))


def read_login(root: Element) -> Login:
    """Return name and secret of a login, as stock clients send it: `<auth><cot username= password= uid=/></auth>`.

    The password is the token as it was shown, or what follows the name in it.

    Raises:
        RemoteError: `cot.malformed` where it is none.
    """
    inside = root.find("cot")
    if root.name != "auth" or inside is None:
        raise RemoteError("cot.malformed", what="auth")
    name, password = (inside.attributes.get(word, "") for word in ("username", "password"))
    if len(name) > _WORD_SIZE_MAX or len(password) > _WORD_SIZE_MAX:
        raise RemoteError("cot.malformed", what="auth")
    return Login(name, password.removeprefix(f"{name}.").encode())


def _format(
    uid: str, type_: str, at: Instant, *, stale_ms: int, more: tuple[Element, ...] = (), opex: str = ""
) -> bytes:
    stale = Instant(at + stale_ms)
    return format_event(Event(uid=uid, type=type_, how="m-g", time=at, start=at, stale=stale, place=_NOWHERE,
                              opex=opex, more=more))  # fmt: skip
