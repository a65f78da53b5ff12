"""Call-outs as they are made: a real program, a real mail server with TLS, real HTTP servers (docs/guide/alarm.md)."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.node.alarm.notice import Notice
from comity.node.alarm.plan import Callout, Plan
from comity.node.alarm.ways import SIGNATURE_HEADER, make_call, sign_body
from kit.gateways import Gateway, MailServer, make_certificate

pytestmark = pytest.mark.server

NOTICE = Notice("USA", "exercise/nodes", "flash", Instant(1_795_000_000_000), 2, "0011-2", ("director",), ("usa-d1",))


def _row(**fields: Any) -> Callout:
    plan = msgspec.convert({"callout": [{"name": "one", **fields}]}, Plan)
    return plan.callout[0]


def _run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


def _call(row: Callout, folder: Path, notice: Notice = NOTICE) -> str:
    """Make a call-out; return why it failed, or nothing."""

    async def call() -> str:
        try:
            await make_call(row, notice, folder)
        except OutageError as error:
            return str(error.details["why"])
        return ""

    return asyncio.run(asyncio.wait_for(call(), 60))


def test_a_program_is_told_on_its_input(tmp_path: Path) -> None:
    """Without a shell, with nothing of the node's environment but what a program needs; a process of its own group."""
    script = tmp_path / "page"
    script.write_text(f"#!{sys.executable}\nimport json, os, sys\n"
                      "told = [sys.argv[1:], json.load(sys.stdin), sorted(os.environ)]\n"
                      "json.dump(told, open('told', 'w'))\n")  # fmt: skip
    script.chmod(0o700)
    row = _row(kind="command", argv=[str(script), "$HOME; rm -rf x", "--urgent"])
    assert _call(row, tmp_path) == ""
    arguments, said, environment = json.loads((tmp_path / "told").read_text())
    assert arguments == ["$HOME; rm -rf x", "--urgent"]
    assert (said["party"], said["realm"], said["kind"], said["step"]) == ("USA", "exercise/nodes", "flash", 2)
    assert said["is_exercise"] is True
    assert "officers" not in said
    assert not [name for name in environment if name.startswith("COMITY")]


@pytest.mark.parametrize(
    ("body", "why"),
    [("exit 3", "exit status 3"), ("sleep 600", "no answer in time"), ("exec 0<&-; sleep 0.05; exit 0", "")],
)
def test_a_program_that_fails_or_hangs_is_ended(tmp_path: Path, body: str, why: str) -> None:
    """With why; one that does not read its input has done all the same."""
    script = tmp_path / "page"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o700)
    assert _call(_row(kind="command", argv=[str(script)], timeout_s=1 if "600" in body else 30), tmp_path) == why


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """Is said so."""
    assert _call(_row(kind="command", argv=["/nowhere/page"]), tmp_path) == "No such file or directory"


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_mail_goes_out_over_tls(tmp_path: Path, security: str) -> None:
    """To whom the plan names, EXERCISE in its subject, with what is known of the reader's language: all three."""
    make_certificate(tmp_path, "localhost")
    (tmp_path / "mail.password").write_text("correct horse\n")

    async def work() -> None:
        async with MailServer(tmp_path, security=security) as server:
            row = _row(kind="smtp", host="localhost", port=server.port, security=security, sender="node@usa.example",
                       to=["watch@usa.example", "d@usa.example"], user="node", password_file="mail.password",
                       authorities_file="authority.pem")  # fmt: skip
            await make_call(row, NOTICE, tmp_path)
            (mail,) = server.mails
        assert mail.recipients == ["watch@usa.example", "d@usa.example"]
        assert mail.login == ("node", "correct horse")
        assert mail.was_private is (security != "none")
        assert "EXERCISE" in str(mail.message["Subject"])
        text = mail.message.get_content()
        for word in ("Look at the console", "コンソール", "콘솔", "EXERCISE EXERCISE EXERCISE"):
            assert word in text
        assert "usa-d1" not in text

    _run(work)


def test_a_mail_server_that_cannot_be_believed_is_told_nothing(tmp_path: Path) -> None:
    """Another authority's certificate: no password, no mail."""
    make_certificate(tmp_path, "localhost")
    (tmp_path / "other").mkdir()
    make_certificate(tmp_path / "other", "localhost")
    (tmp_path / "other.pem").write_bytes((tmp_path / "other" / "authority.pem").read_bytes())
    (tmp_path / "mail.password").write_text("correct horse")

    async def work() -> None:
        async with MailServer(tmp_path, security="tls") as server:
            row = _row(kind="smtp", host="localhost", port=server.port, sender="a@b", to=["c@d"], user="node",
                       password_file="mail.password", authorities_file="other.pem")  # fmt: skip
            with pytest.raises(OutageError) as failed:
                await make_call(row, NOTICE, tmp_path)
            assert failed.value.details["why"] == "SSLCertVerificationError"
            assert server.mails == []

    _run(work)


def test_a_webhook_is_signed(tmp_path: Path) -> None:
    """HMAC-SHA-256 over the second and the body, by the shared secret; the same step has the same key each time."""
    (tmp_path / "sms.secret").write_text("shared\n")

    async def work() -> None:
        async with Gateway() as gateway:
            row = _row(kind="webhook", url=f"http://127.0.0.1:{gateway.port}/send", secret_file="sms.secret",
                       names_officers=True)  # fmt: skip
            await make_call(row, NOTICE, tmp_path)
            (asked,) = gateway.asked
        assert (asked.method, asked.path) == ("POST", "/send")
        at_s = int(asked.headers[SIGNATURE_HEADER.lower()].partition(",")[0].removeprefix("t="))
        assert abs(at_s - time.time()) < 3600
        assert asked.headers[SIGNATURE_HEADER.lower()] == sign_body(b"shared", at_s, asked.body)
        assert asked.headers["idempotency-key"] == "0011-2"
        told = json.loads(asked.body)
        assert (told["officers"], told["roles"]) == (["usa-d1"], ["director"])

    _run(work)


def test_a_push_speaks_as_ntfy_does(tmp_path: Path) -> None:
    """JSON to the root with topic, title, message and the highest priority; its token as a bearer's."""
    (tmp_path / "push.token").write_text("tk_abc")

    async def work() -> None:
        async with Gateway() as gateway:
            row = _row(kind="push", url=f"http://127.0.0.1:{gateway.port}/", topic="watch", token_file="push.token")
            await make_call(row, NOTICE, tmp_path)
            (asked,) = gateway.asked
        told = json.loads(asked.body)
        assert (told["topic"], told["priority"]) == ("watch", 5)
        assert "FLASH" in told["title"]
        assert "EXERCISE" in told["title"]
        assert asked.headers["authorization"] == "Bearer tk_abc"

    _run(work)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "HTTP 500"),
        (b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:9/other\r\nContent-Length: 0\r\n\r\n", "HTTP 302"),
        (b"nonsense\r\n\r\n", "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"5\r\nendle\r\n" * 9, ""),
    ],
)
def test_no_answer_leads_anywhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes, why: str
) -> None:
    """A redirection is a failure, a proxy of the environment is not asked, an answer without end is not read."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    (tmp_path / "sms.secret").write_text("shared")

    async def work() -> None:
        async with Gateway(answer) as gateway:
            row = _row(kind="webhook", url=f"http://127.0.0.1:{gateway.port}/", secret_file="sms.secret")
            try:
                await make_call(row, NOTICE, tmp_path)
            except OutageError as failed:
                assert failed.details["why"] == why  # noqa: PT017 -- one of the cases fails in no way
            else:
                assert why == ""
            assert len(gateway.asked) == 1

    _run(work)


@pytest.mark.parametrize("secret", [None, b"", b" \n", b"x" * 5000])
def test_without_its_secret_nothing_is_sent(tmp_path: Path, secret: bytes | None) -> None:
    """Missing, empty or boundless."""
    if secret is not None:
        (tmp_path / "sms.secret").write_bytes(secret)

    async def work() -> None:
        async with Gateway() as gateway:
            row = _row(kind="webhook", url=f"http://127.0.0.1:{gateway.port}/", secret_file="sms.secret")
            with pytest.raises(OutageError):
                await make_call(row, NOTICE, tmp_path)
            assert gateway.asked == []

    _run(work)


def test_a_title_of_the_real_realm_says_no_exercise() -> None:
    """And one of an exercise says it first, in three languages."""
    assert NOTICE.title.startswith("EXERCISE 演習 연습 FLASH · USA")
    assert NOTICE._replace(realm="real").title.startswith("FLASH · USA · real")
    assert "EXERCISE" not in NOTICE._replace(realm="real").format_text(has_officers=True)
