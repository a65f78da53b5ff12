"""Real nodes as processes of their own, seen from outside: kills, cut cables, and what their homes hold afterwards."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from comity.base.errors import OutageError, UsageError
from comity.base.names import Audience, Digest, Party
from comity.cli.asking import Client
from comity.cli.demo.stage import REALM, Stage
from comity.crypto.production import ProductionSuite
from comity.journal.header import parse_page
from comity.node.ceremony import open_accepted
from comity.node.home import open_home
from comity.node.realm_record import read_realm_record
from kit.nodes import make_machine
from kit.patience import wait

__all__ = ["CALL", "WITHOUT_FEED", "Cable", "Teller", "kill_server", "lay_cables", "make_message", "read_ids", "words"]

WITHOUT_FEED: Final = ("--no-warning",)
"""For tests that warning processes have no part in: each takes its time to start."""
CALL: Final[dict[str, object]] = {
    "type": "ConsultationCalled",
    "commitment": "C1",
    "level": "watch",
    "kind": "missile-launch",
    "threats": [],
    "threatened": ["JPN"],
}
_LEVELS: Final = {"JPN": "JPN-OPEN", "KOR": "KOR-OPEN", "USA": "USA-U"}


def words(party: Party, text: str) -> dict[str, object]:
    """Free text at a party's lowest level, as the API takes it."""
    marking = {"originator": party, "scheme": party, "level": _LEVELS[party], "topics": ["public-message"],
               "caveats": []}  # fmt: skip
    return {"marking": marking, "translations": [{"language": "en", "text": text}]}


def make_message(party: Party, text: str, precedence: str = "flash") -> dict[str, object]:
    """A party's message on the hotline, as the API takes it."""
    return {
        "type": "MessageSent", "channel": "hotline.nsc", "level": "watch", "precedence": precedence,
        "consultation": [], "answers": [], "body": words(party, text),
    }  # fmt: skip


class Teller:
    """States things through outages, and keeps the list of what was answered as stored: id, author, readers."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.answered: list[tuple[str, Party, tuple[Party, ...]]] = []
        self.outage_count = 0

    def state(self, party: Party, *to: Party, text: str = "") -> bool:
        """Try to state one call, or a message, once; tell whether it was answered as stored."""
        readers = tuple(sorted({party, *(to or self.stage.parties)}))
        statement = CALL if not text else {**make_message(party, text), "channel": "test"}
        try:
            with contextlib.closing(Client(self.stage.home(party), REALM)) as client:
                ids = client.state(readers, statement)
        except (OutageError, UsageError) as error:
            # The token is drawn anew at each start: it is read again next time.
            if error.code not in {"api.unreachable", "api.no-token", "api.no-access", "node.stopping", "node.not-yet"}:
                raise
            self.outage_count += 1
            return False
        self.answered += [(id_, party, readers) for id_ in ids]
        return True

    def insist(self, party: Party, *to: Party, text: str = "") -> str:
        """State something until it is answered; return its id."""
        wait(lambda: self.state(party, *to, text=text))
        return self.answered[-1][0]

    def is_at(self, party: Party, *ids: str) -> bool:
        """Whether a party's node shows all these statements."""
        with contextlib.closing(self.stage.connect(party)) as client:
            return all(client.find_row(id_) is not None for id_ in ids)

    def status(self, party: Party) -> dict[str, Any]:
        """How a party's node stands."""
        with contextlib.closing(self.stage.connect(party)) as client:
            found: dict[str, Any] = client.get("/v1/status")
            return found

    def is_settled(self) -> bool:
        """Whether every page is with all its readers, on disk, and each of them has signed for it."""
        held = {party: _read_audiences(self.stage.realm_path(party)) for party in self.stage.parties}
        is_everywhere = all(
            digest in held[reader] for pages in held.values() for digest, readers in pages.items() for reader in readers
        )
        return is_everywhere and not any(self.status(party)["unconfirmed"] for party in self.stage.parties)


def _read_audiences(realm_path: Path) -> dict[Digest, Audience]:
    """The pages in a store, which may be in use, each with who may read it."""
    pages = [parse_page(raw, ProductionSuite()) for raw in read_realm_record(realm_path).pages]
    return {page.digest: page.header.journal.audience for page in pages}


def read_ids(stage: Stage, party: Party) -> set[str]:
    """The ids of all statements in a home, from its store alone: folded anew by a machine that never ran."""
    path = stage.realm_path(party)
    held = open_accepted(open_home(stage.home(party)), realm=REALM, suite=ProductionSuite())
    machine = make_machine(party, held)
    machine.restore(read_realm_record(path).pages)
    assert machine.statements.unopened_count == 0
    return {stated.id.hex() for stated in machine.statements.all}


def find_server_pid(stage: Stage, party: Party) -> int | None:
    """The process id of a party's outbox server, if one runs on its folder."""
    folder = stage.realm_path(party) / "outbox"
    try:
        pid = int((folder / "server.pid").read_text())
        is_here = Path(f"/proc/{pid}/cwd").resolve() == folder.resolve()
    except (OSError, ValueError):
        return None
    return pid if is_here else None


def kill_server(stage: Stage, party: Party) -> bool:
    """Kill a party's outbox server with SIGKILL; tell whether there was one."""
    pid = find_server_pid(stage, party)
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return True


class Cable:
    """A TCP connection's way to a port of this machine, which can be cut and healed from another thread."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._join, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._pipe(reader, far_writer), self._pipe(far_reader, writer))
        self._writers -= {writer, far_writer}

    async def _pipe(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while content := await source.read(65_536):
                sink.write(content)
                await sink.drain()
        sink.transport.abort()

    async def _set(self, *, is_cut: bool) -> None:
        self._is_cut = is_cut
        if is_cut:
            for writer in list(self._writers):
                writer.transport.abort()

    def set_cut(self, *, is_cut: bool) -> None:
        """Cut, with what runs over it, or heal."""
        self._do(self._set(is_cut=is_cut))

    def remove(self) -> None:
        """Cut for good."""
        self.set_cut(is_cut=True)
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@contextlib.contextmanager
def lay_cables(stage: Stage, one: Party, other: Party) -> Iterator[tuple[Cable, Cable]]:
    """Have two parties reach each other through cables, by a `reach.toml` in each home; before they start."""
    suite = ProductionSuite()
    cables = []
    for reader, author in ((one, other), (other, one)):
        links = open_home(stage.home(author)).get_card(suite).find_links(REALM)
        assert links is not None
        cable = Cable(int(links.endpoint.rpartition(":")[2]))
        (stage.realm_path(reader) / "reach.toml").write_text(f'{author} = "127.0.0.1:{cable.port}"\n')
        cables.append(cable)
    try:
        yield cables[0], cables[1]
    finally:
        for cable in cables:
            cable.remove()
