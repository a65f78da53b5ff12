"""The party's own plan of its alarm: `alarm.toml` in the realm's folder (docs/guide/alarm.md).

    quiet = { from = "22:00", until = "06:00" }

    [[step]]
    after_s = 0
    roles = ["watch-officer"]
    callouts = ["pager"]

    [[callout]]
    name = "pager"
    kind = "command"
    argv = ["/usr/local/bin/page"]

Without the file, or without steps in it, the ladder follows from the pact (`ladder`). Quiet hours are by this party's
clocks and silence no FLASH and no call. Secrets stand in files of their own beside it, for their owner alone.

Rules
- A row asks of the host that it names, and of no other; in the clear only on loopback.
- A damaged file changes nothing while a node runs: it goes on by what it had, and says so.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ClassVar, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from comity.base.errors import UsageError
from comity.base.limits import ESCALATION_STEP_COUNT_MAX
from comity.node.toml_file import parse_toml, read_bytes
from comity.procedure.fields import IdField

__all__ = ["ALARM_FILE", "Callout", "Command", "Mail", "Plan", "PlanBook", "Push", "Quiet", "Step", "Webhook",
           "parse_plan"]  # fmt: skip

ALARM_FILE: Final = "alarm.toml"
SIZE_BYTES_MAX: Final = 64 * 1024
CALLOUT_COUNT_MAX: Final = 32
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Line = Annotated[str, Meta(min_length=1, max_length=512, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
"""Text that can stand in a header: no line end, no control character."""
FileName = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z")]
"""A file in the realm's folder, and in no other."""
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")]
Port = Annotated[int, Meta(ge=1, le=65_535)]


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    name: IdField
    names_officers: bool = False
    """Whether it is told which roles and pseudonyms are called, so that a gateway can choose a number."""
    timeout_s: Annotated[int, Meta(ge=1, le=120)] = 20

    is_network: ClassVar[bool] = True

    def check(self) -> None:
        """Raise ValueError with what cannot be."""


class Command(_Row, frozen=True, kw_only=True, tag="command"):
    """A program of this machine, run without a shell; what it is told comes on its standard input."""

    is_network: ClassVar[bool] = False
    argv: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=64)]

    def check(self) -> None:
        if not Path(self.argv[0]).is_absolute():
            raise ValueError("argv: the program is named by its whole path")


class Mail(_Row, frozen=True, kw_only=True, tag="smtp"):
    """A mail by one server (RFC 5321), over TLS from the first byte or after STARTTLS."""

    host: Line
    port: Port = 465
    security: Annotated[str, Meta(pattern=r"^(tls|starttls|none)\Z")] = "tls"
    sender: Line
    to: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=32)]
    user: Annotated[str, Meta(max_length=256)] = ""
    password_file: FileName | None = None
    authorities_file: FileName | None = None

    def check(self) -> None:
        if self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError("security: in the clear only on loopback")
        if bool(self.user) != (self.password_file is not None):
            raise ValueError("user, password_file: both or none")


class Webhook(_Row, frozen=True, kw_only=True, tag="webhook"):
    """A POST of JSON to a gateway, signed with a shared secret (HMAC-SHA-256)."""

    url: Line
    secret_file: FileName
    authorities_file: FileName | None = None

    def check(self) -> None:
        _check_url(self.url)


class Push(_Row, frozen=True, kw_only=True, tag="push"):
    """A message to a topic of a server that speaks as ntfy does."""

    url: Line
    topic: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
    token_file: FileName | None = None
    authorities_file: FileName | None = None

    def check(self) -> None:
        _check_url(self.url)


Callout = Command | Mail | Webhook | Push


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step: so long after the first, these roles, by these call-outs; `off_duty`: also who has no shift now."""

    after_s: Annotated[int, Meta(ge=0, le=7 * 24 * 3600)]
    roles: Annotated[tuple[IdField, ...], Meta(min_length=1, max_length=32)]
    callouts: Annotated[tuple[IdField, ...], Meta(max_length=CALLOUT_COUNT_MAX)] = ()
    off_duty: bool = False


class Quiet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Hours in which less than a FLASH is not heard, by this party's clocks; over midnight if it ends earlier."""

    from_: Clock
    until: Clock

    def holds_at(self, clock: str) -> bool:
        """Tell whether it is quiet at `HH:MM`."""
        if self.from_ <= self.until:
            return self.from_ <= clock < self.until
        return clock >= self.from_ or clock < self.until


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it."""

    quiet: Quiet | None = None
    step: Annotated[tuple[Step, ...], Meta(max_length=ESCALATION_STEP_COUNT_MAX)] = ()
    callout: Annotated[tuple[Callout, ...], Meta(max_length=CALLOUT_COUNT_MAX)] = ()

    def find_callout(self, name: str) -> Callout | None:
        """Return a call-out by its name, or None."""
        return next((row for row in self.callout if row.name == name), None)


def parse_plan(raw: bytes) -> Plan:
    """Read a plan.

    Raises:
        UsageError: `callout.plan-malformed`, with what is wrong and where.
    """
    plan = parse_toml(raw, Plan, size_bytes_max=SIZE_BYTES_MAX, code="callout.plan-malformed")
    try:
        _check(plan)
    except ValueError as error:
        raise UsageError("callout.plan-malformed", why=str(error)[:200]) from error
    return plan


def _check(plan: Plan) -> None:
    for row in plan.callout:
        try:
            row.check()
        except ValueError as error:
            raise ValueError(f"callout {row.name}: {error}") from error
    names = [row.name for row in plan.callout]
    if len(set(names)) != len(names):
        raise ValueError("callout: a name stands twice")
    waits = [step.after_s for step in plan.step]
    if waits != sorted(set(waits)) or waits[:1] not in ([], [0]):
        raise ValueError("step: the first is at once (after_s = 0), and each later one later")
    for number, step in enumerate(plan.step, start=1):
        if unknown := sorted(set(step.callouts) - set(names)):
            raise ValueError(f"step {number}: there is no callout {unknown[0]}")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError("url: not an address") from error
    if not host or parts.username is not None or parts.fragment or port == 0 or re.search(r"\s", url):
        raise ValueError("url: a plain https address without a user")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ValueError("url: https, or http on loopback")


class PlanBook:
    """The plan of one realm; `folder` None: a node without one. Read again once the file changed."""

    def __init__(self, folder: Path | None = None, *, complain: Callable[[str], None] = lambda why: None) -> None:  # noqa: ARG005
        self.folder = folder
        self.complain = complain
        self._read_as = (0, 0, 0)
        self._plan = Plan()
        self.fault = ""
        """What is wrong with the file as it is now; what it said before goes on."""

    def read(self) -> Plan:
        """Return the plan by which the node goes."""
        if self.folder is None:
            return self._plan
        path = self.folder / ALARM_FILE
        try:
            found = path.stat()
            read_as = (found.st_mtime_ns, found.st_size, found.st_ino)
            if read_as != self._read_as:
                self._read_as = read_as
                self._take(read_bytes(path, size_bytes_max=SIZE_BYTES_MAX))
        except FileNotFoundError:
            self._read_as, self._plan, self.fault = (0, 0, 0), Plan(), ""
        except OSError as error:
            self._say(str(error.strerror))
        return self._plan

    def _take(self, raw: bytes) -> None:
        try:
            self._plan, self.fault = parse_plan(raw), ""
        except UsageError as error:
            self._say(str(error.details["why"]))

    def _say(self, why: str) -> None:
        if why != self.fault:
            self.fault = why
            self.complain(why)
