"""The four means of a call-out: a program, a mail, a webhook, a push. Each says once what it is given, or raises.

Rules
- What is said was made by `notice`: that there is something, and nothing of it (law 2). No content comes this far.
- Only the configured host is asked: no proxy of the environment, no redirection, no other address.
- Certificates are checked, against the system's authorities or those of a file in the realm's folder.
- Whatever fails raises `OutageError("callout.failed")` with a reason of a few words, without an answer's own text.
"""

import asyncio
import contextlib
import hmac
import os
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import msgspec

from comity.base.errors import OutageError
from comity.node.alarm.notice import Notice
from comity.node.alarm.plan import Callout, Command, Mail, Push, Webhook

__all__ = ["SIGNATURE_HEADER", "make_call", "sign_body"]

SIGNATURE_HEADER: Final = "X-Comity-Signature"
SECRET_SIZE_BYTES_MAX: Final = 4096
AUTHORITIES_SIZE_BYTES_MAX: Final = 1024 * 1024
ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "TZ", "HOME")
"""What a program is given of the node's environment: nothing that may be a secret of the node's."""


async def make_call(row: Callout, notice: Notice, folder: Path) -> None:
    """Make one call-out.

    Raises:
        OutageError: `callout.failed`, with why.
    """
    try:
        async with asyncio.timeout(row.timeout_s + 1):
            match row:
                case Command():
                    await _run(row, notice, folder)
                case Mail():
                    await _in_thread(partial(_mail, row, notice, folder))
                case Webhook():
                    await _post_webhook(row, notice, folder)
                case Push():
                    await _push(row, notice, folder)
    except TimeoutError as error:
        raise _fail("no answer in time") from error
    except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL, smtplib.SMTPException) as error:
        raise _fail(_name(error)) from error


async def _in_thread(work: Callable[[], None]) -> None:
    """Do work in a thread that holds up no end of the process: a mail server may take its time over every line."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def end(error: Exception | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: Exception | None = None
        try:
            work()
        except Exception as raised:  # noqa: BLE001 -- handed to whoever waits
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(end, error)

    threading.Thread(target=run, name="comity-mail", daemon=True).start()
    await done


def sign_body(secret: bytes, at_s: int, body: bytes) -> str:
    """Return the signature of a body sent at a second: HMAC-SHA-256 over the second, a full stop and the body."""
    return f"t={at_s},v1={hmac.digest(secret, str(at_s).encode() + b'.' + body, 'sha256').hex()}"


def _fail(why: str) -> OutageError:
    return OutageError("callout.failed", why=why[:120])


def _name(error: Exception) -> str:
    """Say what failed, by kind and code alone: what another program answers is not repeated in a log."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"SMTP {error.smtp_code}"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ssl.SSLError):
        return error.strerror
    return type(error).__name__


async def _run(row: Command, notice: Notice, folder: Path) -> None:
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    program = await asyncio.create_subprocess_exec(
        *row.argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(row.timeout_s):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                await program.communicate(notice.encode(has_officers=row.names_officers) + b"\n")
            status = await program.wait()
    finally:
        if program.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, 9)
            await program.wait()
    if status:
        raise _fail(f"exit status {status}")


def _mail(row: Mail, notice: Notice, folder: Path) -> None:
    message = EmailMessage()
    message["From"], message["To"] = row.sender, ", ".join(row.to)
    message["Subject"] = notice.title
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="comity.invalid")
    message["Auto-Submitted"], message["X-Priority"] = "auto-generated", "1"
    message.set_content(notice.format_text(has_officers=row.names_officers))
    context = None if row.security == "none" else _find_context(folder, row.authorities_file)
    with contextlib.ExitStack() as opened:
        server: smtplib.SMTP
        if row.security == "tls":
            server = smtplib.SMTP_SSL(
                row.host, row.port, timeout=row.timeout_s, context=context, local_hostname="comity"
            )
        else:
            server = smtplib.SMTP(row.host, row.port, timeout=row.timeout_s, local_hostname="comity")
        opened.enter_context(server)
        if row.security == "starttls":
            server.starttls(context=context)
        if row.password_file is not None:
            server.login(row.user, _read_secret(folder, row.password_file).decode())
        server.send_message(message)


async def _post_webhook(row: Webhook, notice: Notice, folder: Path) -> None:
    body, at_s = notice.encode(has_officers=row.names_officers), int(time.time())
    signature = sign_body(_read_secret(folder, row.secret_file), at_s, body)
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature, "Idempotency-Key": notice.key}
    await _post(row, row.url, body, headers, folder)


async def _push(row: Push, notice: Notice, folder: Path) -> None:
    body = msgspec.json.encode({
        "topic": row.topic,
        "title": notice.title,
        "message": notice.format_text(has_officers=row.names_officers),
        "priority": 5,
        "tags": ["rotating_light"],
    })  # fmt: skip
    headers = {"Content-Type": "application/json"}
    if row.token_file is not None:
        headers["Authorization"] = f"Bearer {_read_secret(folder, row.token_file).decode()}"
    await _post(row, row.url, body, headers, folder)


async def _post(row: Webhook | Push, url: str, body: bytes, headers: dict[str, str], folder: Path) -> None:
    verify = _find_context(folder, row.authorities_file) if url.startswith("https:") else True
    async with (
        httpx.AsyncClient(timeout=row.timeout_s, verify=verify, trust_env=False, follow_redirects=False) as client,
        # The answer is not read: its status is all that counts, and it may be without end.
        client.stream("POST", url, content=body, headers={"User-Agent": "comity", **headers}) as response,
    ):
        if not response.is_success:
            raise _fail(f"HTTP {response.status_code}")


def _find_context(folder: Path, authorities: str | None) -> ssl.SSLContext:
    if authorities is None:
        return ssl.create_default_context()
    context = ssl.create_default_context(cadata=_read(folder / authorities, AUTHORITIES_SIZE_BYTES_MAX).decode("ascii"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _read_secret(folder: Path, name: str) -> bytes:
    secret = _read(folder / name, SECRET_SIZE_BYTES_MAX).strip()
    if not secret:
        raise ValueError("empty secret")
    return secret


def _read(path: Path, size_bytes_max: int) -> bytes:
    with path.open("rb") as file:
        raw = file.read(size_bytes_max + 1)
    if len(raw) > size_bytes_max:
        raise ValueError("file too large")
    return raw
