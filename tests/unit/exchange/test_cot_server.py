"""The port of TAK clients, on a stand-in for the warning process: stock pytak on one side, the funnel on the other."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.base.instants import Instant
from comity.base.names import Digest
from comity.crypto.password import hash_password
from comity.exchange import cot_server as tested
from comity.exchange.consumer import Consumer, Format, Reporting
from comity.exchange.cot import parse_event
from comity.exchange.cot_own import read_told
from comity.exchange.cot_package import Package, make_package
from comity.exchange.cot_passes import Passes
from comity.exchange.cot_server import CotServer
from comity.exchange.register import REGISTER_FILE, Register
from comity.node.bell import read_clock
from comity.pact.parse import parse_pact
from comity.procedure.ground import Ground
from comity.warning.release import decide_releases
from comity.warning.rows import Block
from kit.loop import read_profile
from kit.patience import until
from kit.release_table import Stage, Table
from kit.releasing import NOW
from kit.tak import FakeWarning, TakClient, make_home_message, pytak, serve_cot, write_login
from kit.tracks import make_rows

TABLE = Table(parse_pact(read_profile("camp-david")))
STAGES = TABLE.stages()
ALL = max(STAGES, key=lambda stage: len(stage.operative))
NONE = min(STAGES, key=lambda stage: len(stage.operative))
BALLISTIC, SURFACE = "policy.track.ballistic", "policy.track.surface"
SECRET = "the-secret-of-this-test"
KEPT = hash_password(SECRET.encode())
SEOUL = Consumer("seoul", "KOR", (Format.COT,), KEPT, 1)
TOKYO = Consumer("tokyo", "JPN", (Format.COT,), KEPT, 1, "JPN-HI", ("dprk-missile", "maritime"),
                 reporting=Reporting((SURFACE,), ce_m=50.0))  # fmt: skip
POLLER = Consumer("poller", "KOR", (Format.CAP,), KEPT, 1)
TOKEN = f"seoul.{SECRET}"


def make_home(stage: Stage) -> list[Any]:
    """Return what a node in Tokyo says at one state of all agreements."""
    ground = Ground(TABLE.terms, stage.standings, (), NOW)
    releases = decide_releases(TABLE.pact, digest=Digest(bytes(32)), author="JPN", ground=ground)
    return make_home_message(read_profile("camp-david"), releases, realm="exercise/autumn")


class Stand:
    """A port, what it stands on, and its clients."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warning = FakeWarning(folder, make_home(ALL))
        self.register = Register(folder / REGISTER_FILE)
        for consumer in (SEOUL, TOKYO, POLLER):
            self.register.add(consumer)
        self.server: CotServer | None = None
        self.tls = self.plain = 0

    def say(self, author: str, class_: str, **row: int) -> None:
        """Have the node say or read one report of now."""
        at = read_clock()
        self.warning.say(author, Block.of_rows(class_, make_rows({"at": at, **row})), at)

    @asynccontextmanager
    async def pytak(self, *first: bytes, url: str = "", **settings: str) -> AsyncIterator[TakClient]:
        """Have a stock client connect."""
        client = TakClient(url or f"tcp://127.0.0.1:{self.plain}", **settings)
        await client.connect(*first)
        yield client
        await client.leave()


def play(folder: Path, scene: Callable[[Stand], Coroutine[Any, Any, None]]) -> None:
    """Play a scene at a port that is served."""

    async def run() -> None:
        stand = Stand(folder)
        await stand.warning.start()
        async with serve_cot(folder, Register(folder / REGISTER_FILE), clock=read_clock) as served:
            stand.server, stand.tls, stand.plain = served
            await scene(stand)
        await stand.warning.stop()

    asyncio.run(run())


async def hear_all(reader: asyncio.StreamReader) -> bytes:
    """Return what is said until the end."""
    heard = b""
    with suppress(ConnectionResetError, ssl.SSLError):
        while more := await reader.read(4096):
            heard += more
    return heard


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tested, "CYCLE_S", 0.1)


def test_stock_pytak_shows_what_is_permitted_with_its_marking_until_it_is_not(tmp_path: Path) -> None:
    """By token: own reports of Japan for Seoul, not those of a third; and from the map as soon as it is suspended."""

    async def scene(stand: Stand) -> None:
        stand.say("USA", BALLISTIC, track=9)
        stand.say("JPN", BALLISTIC, track=7)
        async with stand.pytak(write_login("seoul", TOKEN)) as client:
            await until(lambda: bool(client.shown))
            event = parse_event(client.shown[0].encode())
            assert (event.access, event.opex, event.releasable_to) == ("KOR-III", "e-autumn", "JPN, KOR")
            assert event.caveat == "; ".join(read_told(event).markings[0].caveats)
            assert event.callsign.startswith("EXERCISE")
            stand.say("JPN", BALLISTIC, track=7, number=2, latitude=391_000_500)
            await until(lambda: len(client.shown) == 2)
            stand.warning.permit(make_home(NONE))
            await until(lambda: len(client.shown) == 3)
            assert f'uid="{event.uid}"' in client.shown[2]
            assert client.find("type", "t-x-d-d") == ["t-x-d-d"]
            stand.say("JPN", BALLISTIC, track=8)
            async with stand.pytak(write_login("tokyo", SECRET)) as own:
                await until(lambda: bool(own.find("uid", "JPN-0008")))
            assert len(client.shown) == 3, "who may not know is told nothing of what came"

    play(tmp_path, scene)


def test_a_certificate_lets_in_over_tls_until_it_is_dismissed(tmp_path: Path) -> None:
    """Stock pytak with its data package; a report of its own arrives at the door; what it may not is counted."""
    passes, register = Passes(tmp_path), Register(tmp_path / REGISTER_FILE)

    async def scene(stand: Stand) -> None:
        passes.reread()
        issued, trust = passes.issue("tokyo", "opens")
        package = Package("tokyo", "t", "127.0.0.1", stand.tls, "opens", trust, issued.sealed)
        (tmp_path / "tokyo.zip").write_bytes(make_package(package))
        settings = pytak.read_pref_package(str(tmp_path / "tokyo.zip"))
        assert settings.pop("COT_URL") == f"ssl://127.0.0.1:{stand.tls}"
        register.reread()
        passes.add(TOKYO, issued.certificate, register.list())
        assert stand.server is not None
        await until(lambda: stand.server is not None and bool(stand.server._passes._held))
        stand.say("USA", BALLISTIC, track=9)
        async with stand.pytak(url=f"tls://127.0.0.1:{stand.tls}", **settings) as client:
            await until(lambda: bool(client.shown))
            for type_ in ("a-f-S-X-M-C", "a-f-A"):
                event = pytak.gen_cot(lat=35.0, lon=130.5, ce=30, hae=0, le=9_999_999, uid=f"SHIP-{type_}",
                                      stale=60, cot_type=type_)  # fmt: skip
                assert event is not None
                await client.say(event.replace(b"<event ", b'<event access="JPN-CHUI" opex="e-autumn" ', 1))
            await until(lambda: bool(stand.warning.sent))
            class_, source, line = stand.warning.sent[0]
            assert (class_, source, line["kind"], line["latitude"]) == (SURFACE, "cot/tokyo", "cargo", 35.0)
            counts = stand.server.counts["tokyo"]
            await until(lambda: counts == {"taken": 1, "cot.other-class": 1})
            assert passes.remove("tokyo") == 1
            await until(lambda: stand.server is not None and not stand.server.visitors)

    play(tmp_path, scene)


@pytest.mark.parametrize(
    "said",
    [
        write_login("seoul", "wrong"),
        write_login("nobody", SECRET),
        write_login("poller", SECRET),
        b"<event type='t-x-c-t' uid='a'/></event>" * 20,
        b"<auth/></auth>",
        b"<!DOCTYPE auth [<!ENTITY a 'b'>]><auth><cot/></auth>",
        b"\xbf\x10hello",
        b"<event a='" + b"x" * 70_000,
    ],
)
def test_who_is_not_known_gets_nothing(tmp_path: Path, said: bytes) -> None:
    """Not a byte, whatever is said and however wrong; the connection ends."""

    async def scene(stand: Stand) -> None:
        stand.say("JPN", BALLISTIC, track=7)
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.plain)
        writer.write(said)
        assert await hear_all(reader) == b""
        writer.close()

    play(tmp_path, scene)


def test_a_stranger_by_certificate_and_old_tls_are_refused(tmp_path: Path) -> None:
    """A certificate of another authority ends the handshake; so does TLS 1.2; without one, no login, nothing."""
    other = Passes(tmp_path / "other")

    async def scene(stand: Stand) -> None:
        issued, _ = other.issue("seoul", "x")
        (tmp_path / "stranger.pem").write_bytes(issued.chain_pem + issued.key_pem)
        own = ssl.create_default_context(cafile=str(tmp_path / "cot" / "authority.pem"))
        own.load_cert_chain(tmp_path / "stranger.pem")
        old = ssl.create_default_context(cafile=str(tmp_path / "cot" / "authority.pem"))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        for context in (own, old):
            with suppress(ssl.SSLError, ConnectionError):
                reader, writer = await asyncio.open_connection("127.0.0.1", stand.tls, ssl=context)
                assert await hear_all(reader) == b""
                writer.close()
        assert stand.server is not None
        assert not stand.server.visitors

    play(tmp_path, scene)


def test_it_answers_pings_and_stays_on_xml(tmp_path: Path) -> None:
    """A ping gets its pong, a question for the binary form a no under its own uid."""

    async def scene(stand: Stand) -> None:
        ping = "<event version='2.0' uid='A-ping' type='t-x-c-t'><point/></event>"
        question = ("<event version='2.0' uid='protouid' type='t-x-takp-q' time='TIME'><detail><TakControl>"
                    "<TakRequest version='1'/></TakControl></detail></event>")  # fmt: skip
        async with stand.pytak(write_login("seoul", TOKEN), ping.encode(), question.encode()) as client:
            await until(lambda: len(client.shown) == 2)
            assert 'uid="takPong" type="t-x-c-t-r"' in client.shown[0]
            assert 'uid="protouid" type="t-x-takp-r"' in client.shown[1]
            assert '<TakResponse status="false"/>' in client.shown[1]

    play(tmp_path, scene)


def test_who_is_removed_is_cut_off(tmp_path: Path) -> None:
    """Out of the register, which another process keeps: the connection ends, and the name opens nothing."""

    async def scene(stand: Stand) -> None:
        async with stand.pytak(write_login("seoul", TOKEN)) as client:
            stand.say("JPN", BALLISTIC, track=7)
            await until(lambda: bool(client.shown))
            stand.register.remove("seoul")
            await until(lambda: stand.server is not None and not stand.server.visitors)

    play(tmp_path, scene)


def test_it_survives_the_warning_process(tmp_path: Path) -> None:
    """While that is away nobody is told anything; once it is back, what is new, and nothing twice."""

    async def scene(stand: Stand) -> None:
        stand.say("JPN", BALLISTIC, track=7)
        async with stand.pytak(write_login("seoul", TOKEN)) as client:
            await until(lambda: len(client.shown) == 1)
            await stand.warning.stop()
            await until(lambda: stand.server is not None and stand.server.link.home is None)
            (tmp_path / "warning.sock").unlink(missing_ok=True)
            blocks = stand.warning.blocks
            stand.warning = FakeWarning(tmp_path, make_home(ALL))
            stand.warning.blocks = blocks
            await stand.warning.start()
            await until(lambda: stand.server is not None and stand.server.link.home is not None)
            stand.say("JPN", BALLISTIC, track=8)
            await until(lambda: len(client.shown) == 2)
            assert client.find("uid", "JPN-0007") == client.find("uid", "JPN-0007")[:1]

    play(tmp_path, scene)


def test_those_who_say_nothing_are_bounded_and_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of connections that never log in, or never shake hands, is turned away, and others come in after it."""
    monkeypatch.setattr(tested, "LOGIN_S", 0.5)
    monkeypatch.setattr(tested, "HANDSHAKE_S", 0.5)
    monkeypatch.setattr(tested, "UNKNOWN_COUNT_MAX", 16)

    async def scene(stand: Stand) -> None:
        server = stand.server
        assert server is not None
        silent = [await asyncio.open_connection("127.0.0.1", port) for port in [stand.plain, stand.tls] * 20]
        await until(lambda: server.turned_away_count > 0)
        assert server.unknown_count <= 16
        await until(lambda: server.unknown_count == 0)
        for _, writer in silent:
            writer.transport.abort()
        monkeypatch.setattr(tested, "LOGIN_S", 60.0)
        async with stand.pytak(write_login("seoul", TOKEN)):
            await until(lambda: len(server.visitors) == 1)

    play(tmp_path, scene)


def test_a_hundred_clients_share_one_picture(tmp_path: Path) -> None:
    """Each sees the track; it is folded and written once."""

    async def scene(stand: Stand) -> None:
        server = stand.server
        assert server is not None
        stand.say("JPN", BALLISTIC, track=7)
        many = [await asyncio.open_connection("127.0.0.1", stand.plain) for _ in range(100)]
        for _, writer in many:
            writer.write(write_login("seoul", TOKEN))
        for reader, _ in many:
            assert b"JPN-0007" in await reader.readuntil(b"</event>")
        assert len(server._views._views) == 1
        for _, writer in many:
            writer.transport.abort()

    play(tmp_path, scene)


def test_who_takes_nothing_is_cut_off_and_costs_others_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its queue stays below its bound; another client goes on being told."""
    monkeypatch.setattr("comity.exchange.cot_visitor.STUCK_S", 0.5)
    monkeypatch.setattr("comity.exchange.cot_visitor.ROOM_SIZE_BYTES", 4_096)
    monkeypatch.setattr(tested, "SENT_SIZE_BYTES_MAX", 4_096)

    async def scene(stand: Stand) -> None:
        server, at = stand.server, read_clock()
        assert server is not None
        rows = make_rows(*({"at": at, "track": track} for track in range(1, 200)))
        stand.warning.say("JPN", Block.of_rows(BALLISTIC, rows), at)
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(("127.0.0.1", stand.plain))
        deaf.send(write_login("seoul", TOKEN))
        async with stand.pytak(write_login("tokyo", SECRET)) as client:
            await until(lambda: len(server.visitors) == 2)
            (seoul,) = (one for one in server.visitors if one.consumer == SEOUL)
            await until(lambda: seoul.is_gone)
            assert seoul.told_count < 199
            await until(lambda: [one.consumer for one in server.visitors] == [TOKYO] and bool(client.shown))
        deaf.close()

    play(tmp_path, scene)


def test_a_register_says_whose_pass_it_is(tmp_path: Path) -> None:
    """A consumer that was removed and added anew under its name does not come in by the certificate of before."""
    passes = Passes(tmp_path)
    issued, _ = passes.issue("tokyo", "x")
    passes.add(TOKYO, issued.certificate, (TOKYO,))
    assert passes.find(issued.certificate, (SEOUL, TOKYO)) == TOKYO
    assert passes.find(issued.certificate, (msgspec.structs.replace(TOKYO, added_at=Instant(2)),)) is None
