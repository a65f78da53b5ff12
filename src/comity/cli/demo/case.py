"""The case: the ICBM launch of 17 December 2023, 23:24 UTC, played under the Camp David pact by three clients.

Ten chapters, from three capitals' reports to the conclusion. What is fact and what is invented stands in `script`.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.names import Party
from comity.cli.asking import Client
from comity.cli.demo.floor import WATCH, Floor
from comity.cli.demo.script import FIRST_VERSION, LAUNCH, REPORTS, SECOND_VERSION, watermark
from comity.cli.demo.sharing import ask_back, share_by_hub, share_by_two, share_direct
from comity.cli.demo.show import Show
from comity.cli.measures import make_circle
from comity.node.bell import read_clock

__all__ = ["Case", "Statement", "play_case"]

Statement = dict[str, object]
SECOND_MS: Final = 1_000


class Case:
    """One playing of the case by three clients."""

    def __init__(self, floor: Floor, show: Show, *, pace_s: float) -> None:
        self._floor = floor
        self.show = show
        self._pace_s = pace_s
        self.parties = tuple(sorted(floor.clients))

    def look(self, party: Party) -> Client:
        """Return a client that looks at a party's node."""
        return self._floor.clients[party]

    def act(self, party: Party, role: str) -> Client:
        """Return a client by which a party's officer in a role acts."""
        return self._floor.get(party, role)

    def state(self, party: Party, *statements: Statement, to: tuple[Party, ...] = (), by: str = WATCH) -> list[str]:
        """Have an officer of a party state something, and show it once it is there."""
        readers = tuple(reader for reader in (to or self.parties) if reader != party)
        time.sleep(self._pace_s)
        since = time.perf_counter()
        ids = self.act(party, by).state(readers, *statements)
        self.show.stated(party, ids, readers, since=since)
        return ids

    def text(self, party: Party, **versions: str) -> Statement:
        """Return marked text at the lowest level of the party's own scheme, watermarked."""
        levels = {"JPN": "JPN-OPEN", "KOR": "KOR-OPEN", "USA": "USA-U"}
        return {
            "marking": {"originator": party, "scheme": party, "level": levels[party],
                        "topics": ["public-message"], "caveats": []},
            "translations": [
                {"language": language, "text": watermark(language, text)}
                for language, text in sorted(versions.items())
            ],
        }  # fmt: skip

    def wait(self, what: Callable[[], bool], *, seconds: float) -> bool:
        """Wait until something holds, as people at a desk would see it."""
        until = time.monotonic() + seconds
        while not what():
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def now(self) -> int:
        """This machine's clock, in milliseconds."""
        return read_clock()

    def play(self) -> None:
        """Play the case from the reports to the conclusion."""
        threats = self._report()
        call = self._consult(threats)
        self._message()
        share_direct(self)
        share_by_two(self)
        item = share_by_hub(self)
        self._take_positions(call)
        self._agree_text(call)
        self._match_measures(call)
        ask_back(self, item)
        self._conclude(call)

    def _report(self) -> list[str]:
        self.show.chapter("1  Three capitals report")
        ids: list[str] = []
        for party in ("USA", "JPN", "KOR"):
            source = {"kind": "own-sensor", "reliability": "B", "credibility": 2}
            ids += self.state(
                party,
                {"type": "ThreatReported", "kind": "missile-launch", "occurred_at": LAUNCH.at,
                 "threatened": sorted(self.parties), "sources": [source],
                 "narrative": self.text(party, **REPORTS[party])},
            )  # fmt: skip
        return ids

    def _consult(self, threats: list[str]) -> str:
        show = self.show
        show.chapter("2  A call under the commitment, acknowledged by role")
        (call,) = self.state(
            "KOR",
            {"type": "ConsultationCalled", "commitment": "C1", "level": "advisers", "kind": "missile-launch",
             "threats": sorted(threats), "threatened": sorted(self.parties)},
        )  # fmt: skip
        self.state("JPN", {"type": "Acknowledged", "consultation": call, "role": "watch-officer", "officer": "duty-j"})
        self.state("USA", {"type": "Acknowledged", "consultation": call, "role": "watch-officer", "officer": "duty-u"})
        self.state(
            "KOR",
            {"type": "ConsultationConvened", "consultation": call, "level": "advisers", "medium": "voice",
             "starts_at": self.now()},
        )  # fmt: skip
        return call

    def _message(self) -> None:
        self.show.chapter("3  The hotline: delivered, read and acknowledged are three facts")
        words = "Confirm your line. No impact inside any territory is reported."
        (message,) = self.state(
            "USA",
            {"type": "MessageSent", "channel": "hotline.nsc", "level": "advisers", "precedence": "flash",
             "consultation": [], "answers": [], "body": self.text("USA", en=words)},
        )  # fmt: skip
        for party, officer in (("JPN", "duty-j"), ("KOR", "duty-k")):
            self.state(
                party,
                {"type": "MessageRead", "message": message, "officer": officer},
                {"type": "MessageAcknowledged", "message": message, "role": "watch-officer", "officer": officer},
            )

    def _take_positions(self, call: str) -> None:
        self.show.chapter("6  Positions")
        for party, position in (("USA", "support"), ("JPN", "support"), ("KOR", "support-with-reserve")):
            self.state(
                party,
                {"type": "PositionStated", "consultation": call, "subject": call, "position": position,
                 "confirm_by_at": 0},
            )  # fmt: skip

    def _agree_text(self, call: str) -> None:
        show = self.show
        show.chapter("7  A joint statement in three languages, by silence procedure")
        languages = ["en", "ja", "ko"]
        (text,) = self.state(
            "USA", {"type": "TextOpened", "consultation": [call], "kind": "joint-statement", "languages": languages}
        )
        self._propose(text, [], FIRST_VERSION)
        version = self._version("USA", text)
        self._ask_silence(text, version, seconds=12)
        officer = {"role": "watch-officer", "officer": "duty-k"}
        self.state("KOR", {"type": "SilenceHeld", "text": text, "version": version, **officer})
        show.remark("Korea needs time: one party is enough to stop the clock's effect. The penholder changes the text.")
        self._propose(text, [version], SECOND_VERSION)
        version = self._version("USA", text, follows=version)
        self._ask_silence(text, version, seconds=7)
        show.remark("A changed text restarts the clock. Each node signs that it has all languages; then nobody speaks.")
        for party in self.parties:
            self.wait(lambda party=party: self._status(party, text) == "adopted", seconds=30)  # type: ignore[misc]
            status = self._status(party, text)
            show.line(
                party,
                say_term(status),
                aside="policy.silence",
                style="bold green" if status == "adopted" else "bold red",
            )
        show.remark(
            "Silence became consent by a policy clause of this deployment: the pact's own text has no decision rule."
        )
        self.state(
            "KOR",
            {
                "type": "PositionStated",
                "consultation": call,
                "subject": call,
                "position": "support",
                "confirm_by_at": 0,
            },
        )

    def _propose(self, text: str, follows: list[str], versions: Mapping[str, str]) -> None:
        body = self.text("USA", **versions)
        self.state("USA", {"type": "TextVersionProposed", "text": text, "follows": follows, "body": body})

    def _version(self, party: Party, text: str, *, follows: str = "") -> str:
        found: list[str] = []

        def is_there() -> bool:
            row = next(row for row in self.look(party).get("/v1/texts") if row["id"] == text)
            found[:] = [row["version"]] if row["version"] and row["version"] != follows else []
            return bool(found)

        assert self.wait(is_there, seconds=5), "a version that was proposed is on the table"
        return found[0]

    def _ask_silence(self, text: str, version: str, *, seconds: int) -> None:
        until_at = self.now() + seconds * SECOND_MS
        self.state(
            "USA", {"type": "SilenceProposed", "text": text, "version": version, "until_at": until_at, "notice_ms": 0}
        )

    def _status(self, party: Party, text: str) -> str:
        return str(next(row for row in self.look(party).get("/v1/texts") if row["id"] == text)["status"])

    def _match_measures(self, call: str) -> None:
        show = self.show
        show.chapter("8  Measures: matched, and kept from colliding")
        patrol = self._terms("USA", "patrol", "patrol-1", (38.6, 134.5, 90), hours=(1, 13), about="Maritime patrol.")
        drill = self._terms("JPN", "exercise", "drill-1", (38.2, 135.2, 80), hours=(6, 9), about="Tracking drill.")
        radar = self._terms("KOR", "surveillance", "radar-1", (38.4, 129.5, 40), hours=(0, 24), about="Radar watch.")
        first = self._offer("USA", call, patrol, with_=("JPN",))
        second = self._offer("JPN", call, drill, with_=("USA",))
        third = self._offer("KOR", call, radar, with_=())
        frictions = self._frictions("KOR")
        for friction in frictions:
            acts = " × ".join(id_[:10] for id_ in friction["acts"])
            show.line("KOR", f"⚠ {say_term(friction['kind'])}  {acts}", style="bold yellow")
        show.remark(
            "The synchronisation matrix finds patrol and drill in one place at one time. Japan moves its drill."
        )
        moved = self._terms("JPN", "exercise", "drill-1", (38.2, 135.2, 80), hours=(14, 17), about="Tracking drill.")
        (amended,) = self.state("JPN", {"type": "MeasureAmended", "measure": second, "terms": moved})
        show.line("KOR", f"{len(self._frictions('KOR'))} ⚠", style="green")
        self.state("JPN", {"type": "MeasureAccepted", "measure": first, "terms": first})
        self.state("USA", {"type": "MeasureAccepted", "measure": second, "terms": amended})
        for party, measure in (("USA", first), ("JPN", second), ("KOR", third)):
            self.state(party, {"type": "MeasureStarted", "measure": measure})
        own = self._terms("KOR", "missile-defence", "command-1", None, hours=(0, 6), about="Readiness raised at home.")
        self.state("KOR", {"type": "NationalActionStated", "consultation": [call], "stage": "under-way", "terms": own})
        show.remark("What a party does in its own right is told, never asked.")
        self.state("USA", {"type": "MeasureDelivered", "measure": first})

    def _offer(self, party: Party, call: str, terms: Statement, *, with_: tuple[Party, ...]) -> str:
        (id_,) = self.state(
            party,
            {"type": "MeasureOffered", "consultation": [call], "coordinated_with": sorted(with_), "terms": terms},
        )
        return id_

    def _terms(
        self,
        party: Party,
        instrument: str,
        actor: str,
        circle: tuple[float, float, int] | None,
        *,
        hours: tuple[int, int],
        about: str,
    ) -> Statement:
        areas = [] if circle is None else [make_circle(*circle)]
        hour_ms = 3_600_000
        return {
            "instrument": instrument, "actor": actor, "areas": areas,
            "starts_at": self.now() + hours[0] * hour_ms, "ends_at": self.now() + hours[1] * hour_ms,
            "announce_at": 0, "target": [], "depends_on": [], "description": self.text(party, en=about), "caveats": [],
        }  # fmt: skip

    def _frictions(self, party: Party) -> list[dict[str, Any]]:
        frictions: list[dict[str, Any]] = self.look(party).get("/v1/measures")["frictions"]
        return frictions

    def _conclude(self, call: str) -> None:
        self.show.chapter("10  Conclusion")
        for party in ("KOR", "JPN", "USA"):
            self.state(party, {"type": "ConclusionStated", "consultation": call, "outcome": "response-matched"})

        def is_concluded() -> bool:
            views = [self.look(party).get("/v1/consultations") for party in self.parties]
            return all(row["phase"] == "concluded" for view in views for row in view if row["id"] == call)

        is_done = self.wait(is_concluded, seconds=10)
        for party in self.parties:
            self.show.line(
                party, say("concluded") if is_done else say("open"), style="bold green" if is_done else "bold red"
            )


def play_case(floor: Floor, show: Show, *, pace_s: float = 0.0) -> None:
    """Play the whole case, pausing between statements so that one can follow."""
    Case(floor, show, pace_s=pace_s).play()
