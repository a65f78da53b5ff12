"""The case: the ICBM launch of 17 December 2023, 23:24 UTC, played under the Camp David pact by three clients.

Nine chapters, from three capitals' reports to the conclusion. What is fact and what is invented stands in `script`.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.errors import ComityError
from comity.base.names import Party
from comity.cli.client import Client
from comity.cli.demo.script import FIRST_VERSION, LAUNCH, REPORTS, SECOND_VERSION, watermark
from comity.cli.demo.show import Show
from comity.cli.measures import make_circle
from comity.node.bell import read_clock

__all__ = ["play_case"]


Statement = dict[str, object]
SECOND_MS: Final = 1_000


class Case:
    """One playing of the case by three clients."""

    def __init__(self, clients: Mapping[Party, Client], show: Show, *, pace_s: float) -> None:
        self._clients = clients
        self._show = show
        self._pace_s = pace_s
        self.parties = tuple(sorted(clients))

    def state(self, party: Party, *statements: Statement, to: tuple[Party, ...] = ()) -> list[str]:
        """Have a party state something, and show it once it is there."""
        readers = tuple(reader for reader in (to or self.parties) if reader != party)
        time.sleep(self._pace_s)
        since = time.perf_counter()
        ids = self._clients[party].state(readers, *statements)
        self._show.stated(party, ids, readers, since=since)
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
        self._share_direct()
        self._share_by_hub()
        self._take_positions(call)
        self._agree_text(call)
        self._match_measures(call)
        self._conclude(call)

    def _report(self) -> list[str]:
        self._show.chapter("1  Three capitals report")
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
        show = self._show
        show.chapter("2  A call under the commitment, acknowledged by role")
        (call,) = self.state(
            "KOR",
            {"type": "ConsultationCalled", "commitment": "C1", "level": "advisers", "kind": "missile-launch",
             "threats": sorted(threats), "threatened": sorted(self.parties)},
        )  # fmt: skip
        self.state("JPN", {"type": "Acknowledged", "consultation": call, "role": "watch-officer", "officer": "duty-j"})
        press = {"consultation": call, "role": "press-officer", "officer": "press-u"}
        try:
            self._clients["USA"].state(self.parties, {"type": "Acknowledged", **press})
        except ComityError as error:
            show.line("USA", "press-officer  ✗", aside=f"{error.code}: {error.details.get('clause')}", style="red")
        show.remark("A press officer acknowledges no call: the pact names the roles, and his own node refuses it.")
        self.state("USA", {"type": "Acknowledged", "consultation": call, "role": "watch-officer", "officer": "duty-u"})
        self.state(
            "KOR",
            {"type": "ConsultationConvened", "consultation": call, "level": "advisers", "medium": "voice",
             "starts_at": self.now()},
        )  # fmt: skip
        return call

    def _message(self) -> None:
        self._show.chapter("3  The hotline: delivered, read and acknowledged are three facts")
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

    def _share_direct(self) -> None:
        show = self._show
        show.chapter("4  Information moves only as far as an agreement in force permits")
        show.remark("Japan has an item at 秘 (Hi) on the missile. What would each party be told?")
        portion = self._portion("JPN-HI", (), "Estimated apogee over 6,000 km, distance about 1,000 km.")
        body = {"to": ["KOR", "USA"], "portions": [portion]}
        preview = self._clients["JPN"].post("/v1/items", {**body, "preview": True})
        self._show_decisions("JPN", preview)
        item = self._clients["JPN"].post("/v1/items", {"to": ["KOR"], "portions": [portion]})["item"]
        self._await_item("KOR", item)
        show.line("JPN", f"→ KOR  {item[:12]}", aside="jpn-kor-gsomia → KOR-III")

    def _share_by_hub(self) -> None:
        show = self._show
        show.chapter("5  By hub: the 2014 arrangement, with the originator's detached consent")
        portion = self._portion("JPN-GOKUHI", ("ONLY UNDER tisa-2014",), "Radar track from first detection to splash.")
        preview = self._clients["JPN"].post("/v1/items", {"to": ["KOR", "USA"], "portions": [portion], "preview": True})
        self._show_decisions("JPN", preview)
        item = self._clients["JPN"].post("/v1/items", {"to": ["USA"], "portions": [portion]})["item"]
        self._await_item("USA", item)
        show.line("JPN", f"→ USA  {item[:12]}", aside="tisa-2014")
        try:
            self._clients["USA"].post("/v1/items/pass-on", {"item": item, "to": "KOR"})
        except ComityError as error:
            show.line(
                "USA", f"→ KOR  {item[:12]}  ✗", aside=f"{error.code}: {error.details.get('clause')}", style="red"
            )
        request = {"type": "PassOnRequested", "item": item, "recipient": "KOR", "wanted_until_at": self.now() + 600_000}
        self._clients["USA"].state(("JPN",), request)
        show.line("USA", f"? JPN  {item[:12]} → KOR")
        self.wait(lambda: self._knows("JPN", "pass-on-requested"), seconds=5)
        consent = {"item": item, "holder": "USA", "recipient": "KOR", "expires_at": self.now() + 600_000}
        self._clients["JPN"].post("/v1/items/consent", consent)
        show.line("JPN", f"✓ USA  {item[:12]} → KOR")
        self.wait(lambda: self._knows("USA", "consent-given"), seconds=5)
        by = {"role": "release-officer", "officers": ["duty-1"]}
        self._clients["USA"].post("/v1/items/grant", {"item": item, "recipient": "KOR", **by})
        self._clients["USA"].post("/v1/items/pass-on", {"item": item, "to": "KOR"})
        self._await_item("KOR", item)
        read = self._clients["KOR"].get(f"/v1/items/{item}")
        show.line("USA", f"→ KOR  {item[:12]}", aside=f"{read['marking']['level']} · JPN")
        show.remark(
            "Korea reads Japan's item, with Japan's own marking and signature; not one page of Japan's to the USA."
        )

    def _portion(self, level: str, caveats: tuple[str, ...], text: str) -> Statement:
        marking = {"level": level, "topics": ["dprk-missile"], "caveats": list(caveats)}
        return {"marking": marking, "text": watermark("en", text), "language": "en"}

    def _show_decisions(self, party: Party, preview: Mapping[str, Any]) -> None:
        for to, decision in preview["by_party"]:
            handled = decision.get("handled_as")
            answer = handled["level"] if handled else say_term(decision.get("reason") or decision.get("of"))
            hub = f" (hub {decision['hub']})" if decision.get("hub") else ""
            mark = "✓" if handled else "✗"
            self._show.line(party, f"{mark} {to}  {answer}{hub}", aside=decision["clause"])

    def _await_item(self, party: Party, item: str) -> None:
        def is_here() -> bool:
            return any(row["item"] == item and row["is_here"] for row in self._clients[party].get("/v1/items"))

        assert self.wait(is_here, seconds=15), "an item that was given arrives"

    def _knows(self, party: Party, what: str) -> bool:
        return any(row["code"] == f"timeline.{what}" for row in self._clients[party].get("/v1/timeline"))

    def _take_positions(self, call: str) -> None:
        self._show.chapter("6  Positions")
        for party, position in (("USA", "support"), ("JPN", "support"), ("KOR", "support-with-reserve")):
            self.state(
                party,
                {"type": "PositionStated", "consultation": call, "subject": call, "position": position,
                 "confirm_by_at": 0},
            )  # fmt: skip

    def _agree_text(self, call: str) -> None:
        show = self._show
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
            row = next(row for row in self._clients[party].get("/v1/texts") if row["id"] == text)
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
        return str(next(row for row in self._clients[party].get("/v1/texts") if row["id"] == text)["status"])

    def _match_measures(self, call: str) -> None:
        show = self._show
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
        frictions: list[dict[str, Any]] = self._clients[party].get("/v1/measures")["frictions"]
        return frictions

    def _conclude(self, call: str) -> None:
        self._show.chapter("9  Conclusion")
        for party in ("KOR", "JPN", "USA"):
            self.state(party, {"type": "ConclusionStated", "consultation": call, "outcome": "response-matched"})

        def is_concluded() -> bool:
            views = [self._clients[party].get("/v1/consultations") for party in self.parties]
            return all(row["phase"] == "concluded" for view in views for row in view if row["id"] == call)

        is_done = self.wait(is_concluded, seconds=10)
        for party in self.parties:
            self._show.line(
                party, say("concluded") if is_done else say("open"), style="bold green" if is_done else "bold red"
            )


def play_case(clients: Mapping[Party, Client], show: Show, *, pace_s: float = 0.0) -> None:
    """Play the whole case, pausing between statements so that one can follow."""
    Case(clients, show, pace_s=pace_s).play()
