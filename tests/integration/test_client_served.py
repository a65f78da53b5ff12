"""The client and the event stream over real sockets: the guide's example, a new start, a reader that takes nothing."""

import contextlib
import io
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.cli import listening
from comity.client import Client
from kit.api import TOKEN
from kit.floor import Floor
from kit.nodes import AllAccepted, Nodes
from kit.patience import PATIENCE_S, wait
from kit.stage import CALL

pytestmark = pytest.mark.server

GUIDE = Path(__file__).parents[2] / "docs/guide/client.md"


@pytest.fixture(scope="module")
def floor(accepted: AllAccepted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Three nodes, each served on a port of its own; whoever takes nothing is waited for shorter than for real."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listening, "TAKES_NOTHING_MS", 1_000)
        yield from _serve(accepted, tmp_path_factory)


def _serve(accepted: AllAccepted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    with Floor(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as opened:
        yield opened


def _find_address(floor: Floor) -> str:
    return floor.origins["USA"].replace("usa.localhost", "127.0.0.1")


class _Ear:
    """A client that listens in a thread, until it has heard the last of what it waits for."""

    def __init__(self, floor: Floor, *, others: int = 0) -> None:
        self.heard: list[str] = []
        self.last = ""
        self._address = _find_address(floor)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        bulletin = floor.desks["USA"].bulletin
        wait(lambda: bulletin.listener_count == others)  # those of other tests have gone
        self._thread.start()
        wait(lambda: bulletin.listener_count > others)

    def _listen(self) -> None:
        with Client(self._address, TOKEN) as client:
            for event in client.listen(patience_s=PATIENCE_S):
                self.heard += [event.content["id"]] if event.name == "stated" else []
                if self.last in self.heard:
                    return

    def finish(self, last: str) -> None:
        """Wait until it has heard this too."""
        self.last = last
        wait(lambda: last in self.heard)


def test_the_guide_s_example_runs(floor: Floor, tmp_path: Path) -> None:
    """As it stands there, but for the folder."""
    (source,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    source = source.replace("/var/lib/comity/realms/real", str(tmp_path))
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "api").write_text(_find_address(floor))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, str(GUIDE), "exec"), {})
    lines = printed.getvalue().splitlines()
    assert lines[0].startswith("USA ")
    assert any(line.startswith("item.not-here") for line in lines), lines
    assert lines[-1] == "USA timeline.consultation-called"


def test_listening_goes_on_over_a_new_start(floor: Floor) -> None:
    """Every statement once, in order: said before, while the node is down at others, and after; nobody asked for it."""
    ear = _Ear(floor)
    said = floor.state(CALL)
    wait(lambda: said[0] in ear.heard)
    floor.stop("USA")
    said += floor.state(CALL, party="JPN")
    floor.start_again("USA")
    floor.reaches(said[-1], "USA")
    said += floor.state(CALL)
    ear.finish(said[-1])
    assert [one for one in ear.heard if one in said] == said


def test_a_reader_that_takes_nothing_holds_nobody_back(floor: Floor) -> None:
    """Its socket is full and stays so; another hears all of it meanwhile, and its own place is given back."""
    bulletin = floor.desks["USA"].bulletin
    wait(lambda: bulletin.listener_count == 0)  # those of other tests have gone
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        slow.connect(("127.0.0.1", int(_find_address(floor).rpartition(":")[2])))
        slow.sendall(f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        wait(lambda: bulletin.listener_count == 1)
        ear = _Ear(floor, others=1)
        said = [id_ for _ in range(10) for id_ in floor.state(*[CALL] * 200)]
        ear.finish(said[-1])
        assert [one for one in ear.heard if one in set(said)] == said
        wait(lambda: bulletin.listener_count == 0)
        wait(lambda: floor.count_connections("USA") == 0)
        slow.setblocking(False)
        assert len(slow.recv(1_000_000)) < 1_000_000
