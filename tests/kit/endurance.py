"""Three real parties under load while their nodes, servers, disks and streams are broken at random, from a seed.

What is asked of a party is asked again under the same key until it is answered, as a careful client does. At the end
every answered statement has to be with every reader and with nobody else, once; no journal may have forked; the audit
of all three stores has to be clean. Then a silence procedure runs while one party's clock is ten minutes fast: the
nodes have to agree on what came of it.
"""

import asyncio
import contextlib
import itertools
import random
import resource
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from comity.base.errors import OutageError, UsageError
from comity.base.names import Digest, Party
from comity.cli.asking import Client
from comity.cli.audit import is_clean, judge_realms
from comity.cli.demo.stage import REALM, Stage
from comity.crypto.link import get_link_public
from comity.crypto.production import ProductionSuite
from comity.journal.header import Feed, parse_page
from comity.node.accounts import login_seed
from comity.node.ceremony import open_accepted
from comity.node.home import open_home
from comity.node.realm_record import read_realm_record
from comity.node.session import Session
from comity.node.stream import Stream
from comity.node.wire import Endpoint, make_tls_context
from comity.procedure.hotline import MessageSent
from kit.damage import flip
from kit.nodes import make_machine
from kit.patience import wait
from kit.stage import WITHOUT_FEED, kill_server, words

__all__ = ["Endurance", "Tally"]

SKEW_MS: Final = 600_000
PAUSE_S: Final = (0.2, 1.5)
"""Between two kills."""
RATE_S: Final = 0.1
"""Between two acts of a party, about."""
LONG: Final = "a full disk " * 1_000
MESSAGE: Final[dict[str, object]] = {
    "type": "MessageSent", "channel": "test", "level": "watch", "precedence": "routine", "consultation": [],
    "answers": [],
}  # fmt: skip
_PASSING: Final = {
    *("api.unreachable", "api.no-token", "api.no-access"),
    *("node.stopping", "node.not-yet", "store.full", "store.refilling", "journal.reckoning"),
}
"""What a client hears while a node is down, or its disk is full; the act is asked for again."""


@dataclass
class Act:
    """Something a party was asked to state; its text is stated nowhere else."""

    key: str
    party: Party
    readers: tuple[Party, ...]
    text: str
    id: str = ""


@dataclass
class Tally:
    """What was done, and what was found wrong: nothing, if all is well."""

    done: Counter[str] = field(default_factory=Counter)
    answered_count: int = 0
    repeated_count: int = 0
    faults: list[str] = field(default_factory=list)


class Endurance:
    """One run. `say` is told of progress, a line at a time."""

    def __init__(self, folder: Path, *, seed: int, say: Callable[[str], None] = lambda _: None) -> None:
        self.stage = Stage(folder)
        self.tally = Tally()
        self._chance = random.Random(seed)
        self._say = say
        self._acts: list[Act] = []
        self._is_over = threading.Event()
        self._crash: list[BaseException] = []

    def run(self, kill_count: int, *, is_long: bool = True) -> Tally:
        """Build the homes, run them, kill `kill_count` times, see each other fault at each party, and judge.

        The short form sees each other fault at one party, and runs without the warning feed.
        """
        self.stage.build()
        self.stage.options = () if is_long else WITHOUT_FEED
        with self.stage.running():
            with self._load():
                for number in range(kill_count):
                    time.sleep(self._chance.uniform(*PAUSE_S))
                    self._break_something()
                    self._supervise()
                    self._kill_one()
                    self._say(self._describe(number + 1, kill_count))
                    assert not self._crash, self._crash
            self._say("healing: every act is asked for until it is answered")
            self._heal()
            faults = (self._flip_and_see, self._lose_streams_and_see, self._fill_disk_and_see)
            for number, break_it in enumerate(faults):
                for party in self.stage.parties if is_long else self.stage.parties[number : number + 1]:
                    break_it(party)
                    self._say(f"{break_it.__name__.removeprefix('_').replace('_', ' ')}: {party}")
            self._see_all_there()
            time.sleep(2.5)  # every reader signs the last heads
        self._judge_stores()
        self._say("one party's clock ten minutes fast at S-time")
        with self._running_with_a_fast_clock("KOR"):
            self._see_silence()
        return self.tally

    def _describe(self, number: int, of: int) -> str:
        done = ", ".join(f"{count} {what}" for what, count in sorted(self.tally.done.items()))
        answered = sum(bool(act.id) for act in list(self._acts))
        return f"{number}/{of} kills; {answered} of {len(self._acts)} acts answered; {done}"

    # The load: acts at all audiences, each asked for until it is answered.

    @contextlib.contextmanager
    def _load(self) -> Iterator[None]:
        threads = [
            threading.Thread(target=self._ask_for_ever, args=(party, self._chance.random()))
            for party in self.stage.parties
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join()

    def _ask_for_ever(self, party: Party, seed: float) -> None:
        chance = random.Random(seed)
        others = [other for other in self.stage.parties if other != party]
        audiences = [found for size in range(3) for found in itertools.combinations(others, size)]
        try:
            for number in itertools.count():
                if self._is_over.is_set():
                    return
                readers = tuple(sorted({party, *chance.choice(audiences)}))
                act = Act(f"endurance-{party}-{number:06}", party, readers, f"act {number} of {party}")
                self._acts.append(act)
                while not self._ask(act) and not self._is_over.wait(0.1):
                    pass
                self._is_over.wait(chance.uniform(0, 2 * RATE_S))
        except BaseException as error:
            self._crash.append(error)
            raise

    def _ask(self, act: Act) -> bool:
        """Ask once; tell whether it was answered."""
        statement: dict[str, object] = {**MESSAGE, "body": words(act.party, act.text)}
        try:
            with contextlib.closing(Client(self.stage.home(act.party), REALM)) as client:
                (act.id,) = client.state(act.readers, statement, key=act.key)
        except (OutageError, UsageError) as error:
            if error.code not in _PASSING:
                raise
            self.tally.repeated_count += 1
            return False
        return True

    def _heal(self) -> None:
        for act in self._acts:
            if not act.id:
                self._connect(act.party).close()
                wait(lambda act=act: self._ask(act))  # type: ignore[misc]
        self.tally.answered_count = len(self._acts)

    def _connect(self, party: Party) -> Client:
        """Return a client once the node answers, on a busy machine too."""
        found: list[Client] = []

        def is_up() -> bool:
            self._supervise()
            with contextlib.suppress(OutageError):
                found.append(self.stage.connect(party))
            return bool(found)

        wait(is_up)
        return found[0]

    def _supervise(self) -> None:
        """Start a node that ended by itself, as its supervisor does: a start needs room, and says so and ends."""
        for party in self.stage.parties:
            if self.stage.has_ended(party):
                self.stage.start(party)
                self.tally.done["starts without room"] += 1

    # The faults.

    def _kill_one(self) -> None:
        """Kill a node, which is started again at once, or a server, which its node starts again by itself."""
        party = self._chance.choice(self.stage.parties)
        if self._chance.random() < 0.6:
            self._connect(party).close()
        if self._chance.random() < 0.4 and kill_server(self.stage, party):
            self.tally.done["servers killed"] += 1
            return
        self.stage.kill(party)
        if self._chance.random() < 0.1:
            self._wipe_outbox(party)
        if self._chance.random() < 0.15 and self._flip(party):
            self.tally.done["bits flipped in a stopped store"] += 1
        self.stage.start(party)
        self.tally.done["nodes killed"] += 1

    def _break_something(self) -> None:
        """Now and then, break what does not die of it."""
        party, chance = self._chance.choice(self.stage.parties), self._chance.random()
        if chance < 0.05 and self._flip(party):
            self.tally.done["bits flipped in a running store"] += 1
        elif chance < 0.10 and self._lose_streams(party):
            self.tally.done["streams deleted"] += 1
        elif chance < 0.15:
            with self._full_disk(party):
                time.sleep(self._chance.uniform(0.5, 2.0))

    def _wipe_outbox(self, party: Party) -> None:
        wait(lambda: not kill_server(self.stage, party))
        shutil.rmtree(self.stage.realm_path(party) / "outbox" / "jetstream", ignore_errors=True)
        self.tally.done["outbox folders wiped"] += 1

    def _flip(self, party: Party, *, spared_count: int = 30) -> bool:
        """Flip a bit of a page that others hold too, not of the newest, which may not; tell whether there was one.

        Not in the log of what is newest: together with a kill that takes away what was stored since, as an old backup
        does, and that is another matter.
        """
        try:
            pages = [
                parse_page(raw, ProductionSuite()) for raw in read_realm_record(self.stage.realm_path(party)).pages
            ]
        except OutageError:
            return False
        others = [page for page in pages if len(page.header.journal.audience) > 1]
        others = others[: max(0, len(others) - spared_count)]
        if not others:
            return False
        page, store = self._chance.choice(others), self.stage.realm_path(party) / "store.db"
        return flip(store, page.signature, offset=self._chance.randrange(60), in_log=False) > 0

    def _lose_streams(self, party: Party) -> bool:
        try:
            return asyncio.run(_delete_streams(self.stage, party))
        except OutageError:
            return False

    @contextlib.contextmanager
    def _full_disk(self, party: Party) -> Iterator[None]:
        """Leave a party's node no room: no file of its own may grow, as its operating system has it."""
        pid = self.stage.find_pid(party)
        try:
            before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, before[1]))
        except ProcessLookupError:
            yield
            return
        self.tally.done["disks filled"] += 1
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

    # What has to hold for each kind of fault, once, with nothing else going on.

    def _status(self, party: Party) -> dict[str, Any]:
        with contextlib.closing(self._connect(party)) as client:
            found: dict[str, Any] = client.get("/v1/status")
            return found

    def _flip_and_see(self, party: Party) -> None:
        before = self._status(party)["store"]["damaged_count"]

        def is_found() -> bool:
            self._flip(party, spared_count=0)  # what the log holds in a newer copy hides it: then another is tried
            time.sleep(3)
            return bool(self._status(party)["store"]["damaged_count"] > before)

        wait(is_found)
        wait(lambda: self._status(party)["store"]["lost_count"] == 0)
        codes = [alarm["code"] for alarm in self._status(party)["alarms"]]
        self._expect(
            {"alarm.page-damaged", "alarm.page-back"} <= set(codes), f"{party}: the damaged page was not named"
        )

    def _lose_streams_and_see(self, party: Party) -> None:
        def count() -> int:
            alarms = self._status(party)["alarms"]
            return sum(alarm["code"] == "alarm.outbox-rebuilt" for alarm in alarms)

        before = count()
        wait(lambda: self._lose_streams(party))
        wait(lambda: count() > before)

    def _fill_disk_and_see(self, party: Party) -> None:
        act = Act(f"endurance-{party}-full", party, self.stage.parties, f"act of {party} with a full disk")
        self._acts.append(act)
        with self._full_disk(party):
            with contextlib.closing(self._connect(party)) as client:
                wait(lambda: not _fill(client, party))
            self._expect(self._status(party)["store"]["is_full"], f"{party}: a full disk was not named")
            self._expect(not self._ask(act), f"{party}: an act was answered although the disk is full")
        wait(lambda: self._ask(act))
        self._expect(not self._status(party)["store"]["is_full"], f"{party}: still full")

    def _see_all_there(self) -> None:
        for party in self.stage.parties:
            owed = [act.id for act in self._acts if party in act.readers]
            with contextlib.closing(self._connect(party)) as client:
                for id_ in owed:
                    wait(lambda id_=id_, client=client: client.find_row(id_) is not None)  # type: ignore[misc]
            self._expect(self._status(party)["stopped_by"] == "", f"{party}: the node stopped")

    def _judge_stores(self) -> None:
        """From the stores alone: who has what, how often each act was said, forks, and the audit's sentence."""
        for party in self.stage.parties:
            held = open_accepted(open_home(self.stage.home(party)), realm=REALM, suite=ProductionSuite())
            machine = make_machine(party, held)
            machine.restore(read_realm_record(self.stage.realm_path(party)).pages)
            said = [stated for stated in machine.statements.all if isinstance(stated.entry, MessageSent)]
            counts = Counter(stated.entry.body.translations[0].text for stated in said)  # type: ignore[attr-defined]
            ids = {stated.id.hex() for stated in said}
            mine = [act for act in self._acts if party in act.readers]
            hidden = [act for act in self._acts if party not in act.readers]
            self._expect(all(act.id in ids for act in mine), f"{party}: an acknowledged act is lost")
            self._expect(all(counts[act.text] == 1 for act in mine), f"{party}: an act was said twice")
            self._expect(
                not any(act.id in ids or act.text in counts for act in hidden), f"{party}: reads what it may not"
            )
            forked = [book for book in machine.ledger.books() if book.is_forked]
            self._expect(not forked, f"{party}: {len(forked)} journals have forked")
        report, _ = judge_realms([self.stage.realm_path(party) for party in self.stage.parties], is_open=True)
        codes = sorted({finding.code for finding in report.findings})
        self._expect(is_clean(report), f"the audit found {codes}")

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.tally.faults.append(otherwise)

    # A silence procedure while one clock is wrong.

    @contextlib.contextmanager
    def _running_with_a_fast_clock(self, fast: Party) -> Iterator[None]:
        try:
            for party in self.stage.parties:
                self.stage.start(party, **({"COMITY_EXERCISE_SKEW_MS": str(SKEW_MS)} if party == fast else {}))
            for client in self.stage.connect_all().values():
                client.close()
            yield
        finally:
            self.stage.stop()

    def _see_silence(self) -> None:
        """Ask for silence on a text, let S-time pass on every clock, and compare what each node says came of it."""
        with contextlib.ExitStack() as stack:
            clients = {
                party: stack.enter_context(contextlib.closing(self._connect(party))) for party in self.stage.parties
            }
            # A node that was killed and mended may have to hear from its readers first (J22).
            wait(lambda: not any(client.get("/v1/status")["closed"] for client in clients.values()))
            usa = clients["USA"]
            (call,) = usa.state(self.stage.parties, _CALL)
            (text,) = usa.state(
                self.stage.parties,
                {"type": "TextOpened", "consultation": [call], "kind": "joint-statement", "languages": ["en"]},
            )
            (version,) = usa.state(
                self.stage.parties,
                {
                    "type": "TextVersionProposed",
                    "text": text,
                    "follows": [],
                    "body": words("USA", "We stand together."),
                },
            )
            row = self._find_text(usa, text)
            until_at = time.time_ns() // 1_000_000 + 8_000
            usa.state(
                self.stage.parties,
                {"type": "SilenceProposed", "text": text, "version": row["version"], "until_at": until_at,
                 "notice_ms": 0},
            )  # fmt: skip
            assert version
            time.sleep(12)

            def agree() -> bool:
                found = [self._find_text(client, text) for client in clients.values()]
                return all((row["status"], row["cells"]) == (found[0]["status"], found[0]["cells"]) for row in found)

            with contextlib.suppress(AssertionError):
                wait(agree)
            self._expect(agree(), "the nodes do not agree on what came of a silence")
            self.tally.done[f"silences judged {self._find_text(usa, text)['status']} by all"] += 1

    def _find_text(self, client: Client, text: str) -> dict[str, Any]:
        row: dict[str, Any] = next(row for row in client.get("/v1/texts") if row["id"] == text)
        return row


_CALL: Final[dict[str, object]] = {
    "type": "ConsultationCalled",
    "commitment": "C1",
    "level": "watch",
    "kind": "missile-launch",
    "threats": [],
    "threatened": ["JPN"],
}


def _fill(client: Client, party: Party) -> bool:
    """Say something long to oneself; tell whether there was room."""
    try:
        client.state((party,), {**MESSAGE, "body": words(party, LONG)})
    except OutageError:
        return False
    return True


async def _delete_streams(stage: Stage, party: Party) -> bool:
    """Delete a stream of what the store keeps at a party's own server, as nobody but the party can; was there one?

    Not of the warning feed, which is no part of the record and keeps a quarter of an hour: nothing is rebuilt of it.
    """
    lineage = read_realm_record(stage.realm_path(party)).lineage
    others = {
        Stream(Digest(lineage), REALM, Feed.WARNING, audience).name
        for size in range(1, len(stage.parties) + 1)
        for audience in itertools.combinations(sorted(stage.parties), size)
    }
    home = open_home(stage.home(party))
    keys = home.get_realm_secrets(REALM).link
    own = get_link_public(keys)
    links = home.get_card(ProductionSuite()).find_links(REALM)
    assert links is not None
    host, _, port = links.endpoint.rpartition(":")
    session = Session(
        [Endpoint(host, int(port))],
        context=make_tls_context(keys, server=own),
        login=login_seed(keys, client=own, server=own, reader=None),
    )
    try:
        wire = await session.get_wire(5.0)

        listed = msgspec.json.decode((await wire.request("$JS.API.STREAM.NAMES", b"", timeout_s=5.0)).payload)
        names = sorted(set(listed.get("streams") or []) - others)
        for name in names[:1]:
            await wire.request(f"$JS.API.STREAM.DELETE.{name}", b"", timeout_s=5.0)
        return bool(names)
    finally:
        await session.close()
