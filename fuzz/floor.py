"""What stands around a watch floor: its operator's files, a provider's keys, books beside it, cursors, positions."""

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from comity.api.events.order import parse_position
from comity.api.paging import Page, Paged
from comity.base.instants import Instant
from comity.console.session_book import SessionBook
from comity.crypto.id_token import RSA_BITS_MAX, read_keys
from comity.node.alarm.plan import parse_plan
from comity.node.contacts import find_faults, parse_contacts
from comity.node.officers import OfficerBook
from comity.node.passkeys import PasskeyBook
from comity.node.provider import parse_provider
from fuzz.change import change_blindly, change_json, change_text
from fuzz.door import Door

__all__ = ["DOORS"]

PLAN = b"""
quiet = { from = "22:00", until = "06:00" }

[[step]]
after_s = 0
roles = ["watch-officer"]
callouts = ["pager", "sms"]

[[step]]
after_s = 120
roles = ["national-security-adviser"]
callouts = ["mail", "push"]

[[callout]]
name = "pager"
kind = "command"
argv = ["/usr/local/bin/page", "--urgent"]

[[callout]]
name = "mail"
kind = "smtp"
host = "mail.example"
sender = "node@usa.example"
to = ["watch@usa.example"]

[[callout]]
name = "sms"
kind = "webhook"
url = "https://gateway.example/comity"
secret_file = "sms.secret"

[[callout]]
name = "push"
kind = "push"
url = "https://push.example"
topic = "usa-watch"
"""
CONTACTS = """
[challenge]
en = "heron"
ja = "鷺"

[[contact]]
party = "JPN"
reach = "+81 3 5550 0100"
office = "Watch floor"
""".encode()
PROVIDER = b"""
issuer = "https://login.example/realms/usa"
client = "comity"
scopes = ["openid", "profile"]
role_claim = "groups"
skew_s = 30

[officers]
"f3a9" = "usa-01"

[roles]
"watch" = "watch-officer"
"""
ROWS = [{"id": f"{number:064x}"} for number in range(40)]
PAGED = Paged({"": ("id",)})
MARK = "7f" * 32


def _number(size_bytes: int) -> str:
    raw = random.Random(size_bytes).randbytes(size_bytes)
    return base64.urlsafe_b64encode(b"\xc1" + raw[1:-1] + b"\x01").decode().rstrip("=")


def _find_keys() -> list[bytes]:
    keys = [
        {"kty": "RSA", "kid": "a", "use": "sig", "n": _number(256), "e": "AQAB"},
        # RFC 8037, appendix A.2; RFC 7517, appendix A.1.
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        {"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
         "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"},
    ]  # fmt: skip
    long = [{**keys[0], "n": _number(4096)}]  # 32,768 bits: left out
    return [json.dumps({"keys": rows}).encode() for rows in (keys, keys[:1], keys[1:2], keys[2:], long, [])]


def _turn(raw: bytes) -> None:
    """Turn to the page that a cursor names, and to the one after it."""
    page = Page("/v1/timeline", PAGED, 7, raw.decode("latin-1"))
    found = page.cut({"": ROWS})
    assert len(found[""]) <= 7
    Page("/v1/timeline", PAGED, 7, page.next_cursor).cut({"": ROWS})


def _find_cursors() -> list[bytes]:
    found, cursor = [b""], ""
    while True:
        page = Page("/v1/timeline", PAGED, 7, cursor)
        page.cut({"": ROWS})
        cursor = page.next_cursor
        if not cursor:
            return found
        found.append(cursor.encode())


def _listen(raw: bytes) -> None:
    """Whatever a listener names is a position or none; one that is, is written as it was read."""
    text = raw.decode("latin-1")
    position = parse_position(text)
    assert position is None or str(position).partition("-")[2] == text.partition("-")[2]


def _of_file(read: Callable[[Path], object]) -> Callable[[bytes], None]:
    def enter(raw: bytes) -> None:
        with TemporaryDirectory(prefix="comity-door-") as folder:
            path = Path(folder) / "book"
            path.write_bytes(raw)
            read(path)

    return enter


def _find_books(write: Callable[[Path], object]) -> Callable[[], list[bytes]]:
    def find() -> list[bytes]:
        with TemporaryDirectory(prefix="comity-door-") as folder:
            path = Path(folder) / "book"
            write(path)
            return [path.read_bytes()]

    return find


def _read_sessions(path: Path) -> None:
    """A damaged file of sessions is none: everybody signs in anew."""
    assert len(SessionBook(path).key) == 32


def _check_contacts(raw: bytes) -> None:
    list(find_faults(parse_contacts(raw), parties=("JPN", "USA"), languages=("en", "ja")))


def _refuse_endless(raw: bytes) -> None:
    """Keys that take long are none."""
    for key in read_keys(raw):
        assert key.key_type != "RSA" or len(str(key.as_dict()["n"])) <= RSA_BITS_MAX // 6 + 1


SESSIONS = json.dumps({
    "format": 1, "key": MARK,
    "sessions": [{"mark": MARK, "officer": "usa-01", "kept": "k", "began_s": 1, "used_s": 2, "proved_by": "token",
                  "is_locked": False}],
}).encode()  # fmt: skip

DOORS = (
    Door("alarm-plan", parse_plan, lambda: [PLAN, b""], change_text),
    Door("contacts", _check_contacts, lambda: [CONTACTS, b""], change_text),
    Door("provider", parse_provider, lambda: [PROVIDER], change_text),
    Door("provider-keys", _refuse_endless, _find_keys, change_json),
    Door("cursor", _turn, _find_cursors, change_blindly, size_bytes_max=128),
    Door("position", _listen, lambda: [b"0-" + b"0" * 32, b"917-" + b"7f" * 16], change_blindly, size_bytes_max=128),
    Door("officer-book", _of_file(lambda path: OfficerBook(path).read()),
         _find_books(lambda path: OfficerBook(path).add("usa-01", ("watch-officer",), at=Instant(1))), change_json),
    Door("passkey-book", _of_file(lambda path: PasskeyBook(path).read()),
         _find_books(lambda path: PasskeyBook(path).draw_code("usa-01", at=Instant(1))), change_json),
    Door("sessions", _of_file(_read_sessions), lambda: [SESSIONS], change_json),
)  # fmt: skip
