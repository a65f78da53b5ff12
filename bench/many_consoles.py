"""Two hundred consoles on one node, while statements come in: when each of them hears of a FLASH, and what they cost.

Three real nodes as processes of their own. At JPN so many consoles sign in, each with a session and a stream of its
own, and ask for what changed as their pages do (`console_client`). USA states positions all the time, and now and then
a FLASH. Then others open streams there and take nothing of them.

    make many-consoles COUNT=200 LOG=docs/many-consoles.md
"""

import argparse
import asyncio
import contextlib
import os
import platform
import re
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.alert_speed import FLASH, FROM, find_percentile
from bench.console_client import ConsoleClient, stand_still
from comity.api.token import read_address, read_token
from comity.base.names import Party
from comity.cli.demo.stage import Stage
from comity.cli.serve import METRICS_TOKEN_FILE
from comity.client import Client
from comity.node.bell import read_clock
from comity.node.officers import OFFICERS_FILE, OfficerBook

AT: Final[Party] = "JPN"
CALLER: Final[Party] = "KOR"
OF_ONE_OFFICER: Final = 10
RATE_PER_S: Final = 5
ALERT_COUNT: Final = 20
ALERT_EVERY_S: Final = 3.0
STILL_COUNT: Final = 100
STILL_S_MAX: Final = 300.0
AIM_MS: Final = 1_000.0
ANSWER: Final[dict[str, object]] = {"role": "watch-officer", "officer": "watch-0"}
CALL: Final[dict[str, object]] = {
    "type": "ConsultationCalled", "commitment": "C1", "level": "watch", "kind": "missile-launch",
    "threats": [], "threatened": [AT],
}  # fmt: skip


PAGE: Final = """\
# Many consoles on one node

{count} consoles at JPN, each signed in, with a session, a stream, and a connection on which it asks for what changed
as its page does. USA states a position {rate} times a second, and {alerts} times a FLASH. Three nodes as processes
of their own and all consoles in one more, on one machine of {cores} cores ({machine}) whose load when it began was
{load:.1f}. Measured is from the statement at USA, before it is signed, to the event that brings the whole alarm.
`make many-consoles` measures it anew.

| ms | p50 | p99 | most |
|---|---|---|---|
{rows}

Aim: each within a second: {is_held}. Meanwhile all of them together asked for {asked:.0f} pieces of pages a second: the
more listen, the longer each waits before it asks ([0065](adr/0065-alarms-come-with-the-stream.md)).

| memory of the node | MiB |
|---|---|
{memory}

A console costs {each_kib:.0f} KiB. Whoever takes nothing of what is sent is cut off once nothing moved for half a
minute. {gone}
"""


@dataclass
class Found:
    """What was measured: milliseconds by alert and console, resident memory in MiB by when."""

    heard_ms: list[list[float]] = field(default_factory=list)
    memory_mib: dict[str, float] = field(default_factory=dict)
    asked_per_s: float = 0.0
    load_1m: float = 0.0
    still_gone_s: float = 0.0
    places_left: int = 0


def main() -> None:
    """Measure, print, and write the page."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--count", type=int, default=200)
    given.add_argument("--log", type=Path)
    asked = given.parse_args()
    text = describe(asked.count, measure(asked.count))
    print(text)
    if asked.log is not None:
        asked.log.write_text(text, encoding="utf-8")


def measure(count: int) -> Found:
    """Run the nodes and the consoles."""
    with TemporaryDirectory(prefix="comity-many-") as folder:
        stage = Stage(Path(folder))
        stage.build()
        book, at = OfficerBook(stage.realm_path(AT) / OFFICERS_FILE), read_clock()
        names = [f"watch-{number}" for number in range(-(-count // OF_ONE_OFFICER))]
        tokens = [book.add(name, ("watch-officer",), at=at) for name in names]
        with stage.running() as clients:
            return asyncio.run(_watch(stage, clients, tokens, count))


async def _watch(stage: Stage, clients: Mapping[Party, Client], tokens: list[str], count: int) -> Found:
    found = Found(load_1m=os.getloadavg()[0])
    port = int(read_address(stage.realm_path(AT)).rpartition(":")[2])
    weigh = partial(_weigh, stage.find_pid(AT))
    consoles = [ConsoleClient(port, f"{AT.lower()}.localhost:{port}") for _ in range(count)]
    listening = []
    for number, console in enumerate(consoles):
        await console.sign_in(tokens[number // OF_ONE_OFFICER])
        listening.append(asyncio.create_task(console.listen()))
        if number == 0:  # what the first of all pages makes once is nobody's
            await _until(lambda: consoles[0].is_listening)
            found.memory_mib["with one console"] = weigh()
    await _until(lambda: all(console.is_listening for console in consoles))
    await asyncio.sleep(6)  # each has heard how often it may ask
    found.memory_mib[f"with {count}"] = weigh()
    ask = partial(asyncio.get_running_loop().run_in_executor, ThreadPoolExecutor(2))
    officer = Client(read_address(stage.realm_path(AT)), tokens[0])
    (consultation,) = await ask(_state, clients[CALLER], stage, CALL)
    await _until(lambda: all(consultation in console.heard_s for console in consoles))
    await ask(_state, officer, stage, {**ANSWER, "type": "Acknowledged", "consultation": consultation})
    with _talking(stage, consultation):
        began_s, asked_count = time.monotonic(), sum(console.asked_count for console in consoles)
        for _ in range(ALERT_COUNT):
            found.heard_ms.append(await _alert(stage, clients[FROM], officer, consoles, ask))
        took_s = time.monotonic() - began_s
        found.asked_per_s = (sum(console.asked_count for console in consoles) - asked_count) / took_s
        found.memory_mib["after the load"] = weigh()
        await _bear_still_ones(found, ask, stage, weigh, count)
    for console in consoles:
        console.close()
    await asyncio.gather(*listening, return_exceptions=True)
    await asyncio.sleep(3)
    found.memory_mib["with nobody"] = weigh()
    return found


async def _bear_still_ones(found: Found, ask: Any, stage: Stage, weigh: Callable[[], float], count: int) -> None:
    """Open streams of which nothing is taken, and see what they cost until the node lets them go."""
    port, token = int(read_address(stage.realm_path(AT)).rpartition(":")[2]), read_token(stage.realm_path(AT))
    count_places = partial(ask, _count_places, port, (stage.realm_path(AT) / METRICS_TOKEN_FILE).read_text())
    with contextlib.ExitStack() as opened:
        for _ in range(STILL_COUNT):
            opened.enter_context(stand_still(port, token))
        began_s, most = time.monotonic(), weigh()
        places = await count_places()
        while (places > count or time.monotonic() < began_s + 10) and time.monotonic() < began_s + STILL_S_MAX:
            await asyncio.sleep(0.5)
            places, most = await count_places(), max(most, weigh())
        found.still_gone_s, found.places_left = time.monotonic() - began_s, places - count
        found.memory_mib[f"with {STILL_COUNT} more who take nothing, at most"] = most
    found.memory_mib["once these were let go"] = weigh()


async def _alert(stage: Stage, sender: Client, officer: Client, consoles: list[ConsoleClient], ask: Any) -> list[float]:
    """Send one FLASH, wait until every console has heard of it, answer it; return how long each took."""
    sent_s = time.monotonic()
    (id_,) = await ask(_state, sender, stage, FLASH)
    await _until(lambda: all(id_ in console.heard_s for console in consoles))
    heard = [(console.heard_s[id_] - sent_s) * 1_000 for console in consoles]
    await ask(_state, officer, stage, {**ANSWER, "type": "MessageAcknowledged", "message": id_})
    await asyncio.sleep(ALERT_EVERY_S)
    return heard


@contextlib.contextmanager
def _talking(stage: Stage, consultation: str) -> Iterator[None]:
    """Have positions stated at a steady rate for as long as the block lasts."""
    is_over = threading.Event()
    entry: dict[str, object] = {"type": "PositionStated", "consultation": consultation, "subject": consultation,
                                "confirm_by_at": 0}  # fmt: skip
    with contextlib.closing(stage.connect(FROM)) as own:

        def talk() -> None:
            number = 0
            while not is_over.wait(1 / RATE_PER_S):
                _state(own, stage, {**entry, "position": ("support", "object")[number % 2]})
                number += 1

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()


def _state(client: Client, stage: Stage, statement: dict[str, object]) -> list[str]:
    ids: list[str] = client.post("/v1/statements", {"to": list(stage.parties), "statements": [statement]})["ids"]
    return ids


def _count_places(port: int, token: str) -> int:
    """Return how many listen to events, as the node's metrics say."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 -- the node's own, on loopback
        found = re.search(r"^comity_event_listeners ([0-9.]+)$", answer.read().decode(), re.MULTILINE)
    assert found is not None, "the node says how many listen"
    return int(float(found[1]))


def _weigh(pid: int) -> float:
    """Return what a process has in memory, in MiB."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1_024


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not holds():  # noqa: ASYNC110 -- it looks on from outside
            await asyncio.sleep(0.02)


def describe(count: int, found: Found) -> str:
    """Return the page of it."""
    every, last = [ms for row in found.heard_ms for ms in row], [max(row) for row in found.heard_ms]
    times = {f"each of {count} consoles hears it": every, "the last of them hears it": last}
    rows = [
        f"| {what} | {find_percentile(ms, 50):.0f} | {find_percentile(ms, 99):.0f} | {max(ms):.0f} |"
        for what, ms in times.items()
    ]
    memory = [f"| {when} | {mib:.0f} |" for when, mib in found.memory_mib.items()]
    each_kib = (found.memory_mib[f"with {count}"] - found.memory_mib["with one console"]) * 1_024 / (count - 1)
    gone = f"{found.places_left} of {STILL_COUNT} STILL HAD THEIR PLACES."
    if not found.places_left:
        gone = f"All {STILL_COUNT} were, {found.still_gone_s:.0f} s after they came, and their places are others'."
    return PAGE.format(
        count=count,
        alerts=len(last),
        rate=RATE_PER_S,
        cores=os.cpu_count(),
        machine=platform.machine(),
        load=found.load_1m,
        rows="\n".join(rows),
        is_held="held" if max(last) < AIM_MS else "NOT HELD",
        asked=found.asked_per_s,
        memory="\n".join(memory),
        each_kib=each_kib,
        gone=gone,
    )


if __name__ == "__main__":
    main()
