"""Figures of an after-action report, reckoned anew from a record's bytes, by `docs/spec/exercise.md` alone (E12-E47).

`python exercise.py BUNDLE LIST REPORT [--pact PACT] [--key SECRET]`: the record that a party exported, the list of
injects, the report as JSON. Status 0: every figure of the report is what this reckons; 1: one is not, and is named.
Not reckoned: texts and their markings, states of injects but for `fired` and `skipped`, and whether LIST is the list
that was agreed on. `verify.py` beside it judges pages and opens them.
"""

import argparse
import hmac
import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import verify
from verify import ENTRIES, KEYS, OPEN, L, Record, attempt, expand, pack, read, sha

CONTROL = (  # E13
    "ExerciseStarted", "ExercisePaused", "ExerciseResumed", "ExerciseJumped", "InjectsShifted", "InjectFired",
    "InjectSkipped", "ExerciseEnded",
)  # fmt: skip
NOTES = ("ObservationNoted", "HotWashNoted", "ImprovementProposed")
STILL = ("InjectFired", "InjectSkipped", "InjectsShifted")  # E19
FIELDS = {  # E11, E43: where what is read stands
    "ExerciseProposed": ("name", "list", "controllers", "role"),
    "ExerciseJoined": ("exercise", "list"),
    "ExerciseLeft": ("exercise", "reason"),
    "ExerciseStarted": ("exercise", "list", "opens_at", "role", "officer"),
    **dict.fromkeys(("ExercisePaused", "ExerciseResumed", "ExerciseEnded"), ("exercise", "role", "officer")),
    "ExerciseJumped": ("exercise", "to_ms", "role", "officer"),
    "InjectsShifted": ("exercise", "numbers", "direction", "by_ms", "role", "officer"),
    **dict.fromkeys(("InjectFired", "InjectSkipped"), ("exercise", "number", "role", "officer")),
    "BreakoutDeclared": ("exercise",),
    "ObservationNoted": ("exercise", "about", "of", "parties", "rating", "observed", "role", "officer"),
    "HotWashNoted": ("exercise", "sort", "observed", "role", "officer"),
    "ImprovementProposed": ("exercise", "objective", "rests_on", "finding", "remedy", "owner", "due_at", "role"),
}
ACTS = {  # P42, but for what is of the play itself (E24)
    "report": "ThreatReported DetectedThreatReported DraftDiscarded IndicatorReported SpillageReported"
    " SpillageConcluded PublicWarned",
    "call": "ConsultationCalled",
    "acknowledge": "Acknowledged AcknowledgementWithdrawn MessageRead MessageAcknowledged MessageReadBack"
    " PhraseReadBack VoiceCallConfirmed MeetingAttended InvitationAnswered ShiftHandedOver ShiftRelieved"
    " LineTestAnsweredByPerson",
    "convene": "ConsultationConvened MeetingPlanned MeetingMoved MeetingCalledOff",
    "position": "PositionStated PositionExplained InstructionsAwaited CallDeclined",
    "conclude": "ConclusionStated",
    "draft": "TextOpened TextVersionProposed TextAmendmentProposed TextWithdrawn PenHandedOver PenTakenOver"
    " SilenceProposed SilenceExtended PassageBracketed PassageWorded BracketLifted",
    "agree": "TextAgreed HoldLifted ReportAdopted ReportAdoptionJoined",
    "hold": "SilenceHeld SilenceBroken",
    "measure": "MeasureOffered MeasureAmended MeasureAccepted MeasureDeclined MeasureStarted MeasureDelivered"
    " MeasureWithdrawn NationalActionStated NationalActionEnded PlanOpened PlanVersionProposed PlanAccepted"
    " PlanDeclined PlanActivated PlanStoodDown PlanRetired",
    "message": "MessageSent InformationRequested InformationAnswered InformationRequestClosed PhraseSent"
    " MessageTranslated VoiceCallLogged MeetingHeld PlannedMeetingHeld MeetingEvidenceGiven ActionCompleted",
    "release": "ItemShared ItemGiven PassedOn ItemPassedOn PassOnReported EntryDisclosed QuarantineReleased"
    " GivenInAnswer",
    "consent": "PassOnRequested ConsentGiven ConsentRefused ConsentWithdrawn RefusalGroundStated PassOnGranted"
    " PassOnDeclined",
    "recall": "RecallRequested RecallAnswered RecallPassedOn RecallReplied RecallReported",
    "agreement": "AgreementStateStated",
    "leave": "WithdrawalNotified WithdrawalRevoked",
    "correct": "EntryWithdrawn EntryCorrected",
}
OPENS = {"ConsultationCalled": ("acknowledge", "convene"), "TextOpened": ("agree-text",)}  # E45
OPENS |= {"MeasureOffered": ("match-measure",)}
DOES = {"Acknowledged": "acknowledge", "ConsultationConvened": "convene", "TextAgreed": "agree-text"}
DOES |= {"SilenceKept": "agree-text", "MeasureAccepted": "match-measure"}  # each names its object first


def list_said(record: Record) -> list[SimpleNamespace]:  # every statement of an accepted page that opens
    pages = sorted(record.accepted.values(), key=lambda page: page.number)
    for page in pages:
        if page.kind == KEYS:
            record.learn(page)
    said: dict[bytes, SimpleNamespace] = {}
    cuts: dict[bytes, dict[bytes, int]] = {}
    for page in (page for page in pages if page.feed == "record"):
        cut = cuts[page.digest] = dict(cuts.get(page.previous, {}))  # J12: along the chain
        cut |= {journal: max(number, cut.get(journal, -1)) for journal, number, _ in page.heads}
        for index, (id_, value) in enumerate(list_entries(record, page)):
            row = SimpleNamespace(id=id_, type=value[0], fields=value[1:], page=page, index=index, cut=cut)
            row.order = (page.incarnation, page.number, index, page.journal, id_)
            vars(row).update(zip(FIELDS.get(row.type, ()), row.fields, strict=False))
            row.at, row.party, row.good = page.written_at, page.party, record.standing[page.digest] == "good"
            if id_ not in said or not row.good:
                said[id_] = row
    return sorted(said.values(), key=lambda row: (row.at, row.party, row.order))


def list_entries(record: Record, page: SimpleNamespace) -> Iterator[tuple[bytes, list[Any]]]:  # S5 to S7: leaves
    entries, _ = attempt(record.open, page) if page.kind in (OPEN, ENTRIES) else ((), "")
    key = b""
    if entries:
        key = hmac.digest(page.salt, record.keys[page.epochs[page.epoch]], "sha256")
        key = expand(key, L % b"page-key" + pack([page.journal, page.number, page.epoch]))
    for index, raw in enumerate(entries or ()):
        value, _ = attempt(read, raw, None, "entry.malformed")
        if type(value) is list and value:
            yield sha(b"\0", expand(key, L % b"leaf" + index.to_bytes(4)), raw), value


def knows(later: SimpleNamespace, earlier: SimpleNamespace) -> bool:  # P2
    if later.page.journal == earlier.page.journal:
        return bool((earlier.page.number, earlier.index) <= (later.page.number, later.index))
    return bool(later.cut.get(earlier.page.journal, -1) >= earlier.page.number)


class Play:
    """One exercise: which acts count, and what the clock shows (E12 to E20)."""

    def __init__(self, said: list[SimpleNamespace], exercise: bytes) -> None:
        opened = next((row for row in said if (row.id, row.type) == (exercise, "ExerciseProposed")), None)
        if opened is None:
            raise ValueError("the exercise of this report is not on this record")
        self.opened, self.audience = opened, opened.page.audience
        told = [row for row in said if row.page.audience == self.audience]
        self.of_it = [row for row in told if getattr(row, "exercise", row.id) == exercise]
        self.acts: list[tuple[SimpleNamespace, int]] = []
        self.spans: list[tuple[int, int, bool]] = []
        self.holds: list[SimpleNamespace] = []
        self.over = False
        for row in self.line_up():
            if self.counts(row):
                self.carry_out(row)

    def own(self, party: str) -> list[SimpleNamespace]:
        return sorted((row for row in self.of_it if row.good and row.party == party), key=lambda row: row.order)

    def line_up(self) -> Iterator[SimpleNamespace]:  # E16
        types = (*CONTROL, "BreakoutDeclared")
        left = [[row for row in self.own(party) if row.type in types] for party in self.audience]
        while left := [rows for rows in left if rows]:
            fronts = sorted((rows[0] for rows in left), key=lambda row: (row.at, row.party, row.order))
            free = [row for row in fronts if not any(knows(row, other) for other in fronts if other is not row)]
            chosen = (free or fronts)[0]
            next(rows for rows in left if rows[0] is chosen).pop(0)
            yield chosen

    def joined(self, party: str, start: SimpleNamespace) -> bool:  # E12, as the start knew it
        answers = [
            row.type
            for row in self.own(party)
            if knows(start, row)
            and (row.type in ("ExerciseLeft", "ExerciseProposed") or getattr(row, "list", b"") == self.opened.list)
            and (row.type in ("ExerciseLeft", "ExerciseJoined") or row.id == self.opened.id)
        ]
        return bool(answers) and answers[-1] != "ExerciseLeft"

    def counts(self, row: SimpleNamespace) -> bool:  # E17
        if row.type in CONTROL and (row.party not in self.opened.controllers or row.role != self.opened.role):
            return False
        if row.type == "ExerciseStarted":
            agreed = row.list == self.opened.list and all(self.joined(party, row) for party in self.audience)
            return not self.spans and agreed
        if not self.spans or self.over:
            return False
        if row.type == "ExerciseResumed":
            return any(knows(row, hold) for hold in self.holds)
        if row.type == "ExerciseJumped":
            return bool(row.to_ms > self.read(self.made(row)))
        decided = {one.number for one, _ in self.acts if one.type in ("InjectFired", "InjectSkipped")}
        return not decided & {*getattr(row, "numbers", ()), getattr(row, "number", None)}

    def made(self, row: SimpleNamespace) -> int:  # E18
        return int(max([row.at, *(span[0] for span in self.spans[-1:])]))

    def read(self, at: int) -> int:  # E20; -1 before the start
        for since, time, runs in reversed(self.spans):
            if since <= at:
                return time + (at - since if runs else 0)
        return -1

    def carry_out(self, row: SimpleNamespace) -> None:  # E19
        at, time = self.made(row), max(0, self.read(self.made(row)))
        if row.type in ("ExercisePaused", "BreakoutDeclared"):
            self.holds.append(row)
        elif row.type == "ExerciseResumed":
            self.holds = [hold for hold in self.holds if not knows(row, hold)]
        elif row.type == "ExerciseJumped":
            time = row.to_ms
        self.over = self.over or row.type == "ExerciseEnded"
        if row.type not in STILL:
            self.spans.append((at, time, not self.holds and not self.over))
        self.acts.append((row, time))


def find_end(play: Play) -> int:  # E24: what was stated later is not of the play
    return play.spans[-1][0] if play.over else 1 << 62


def list_taken(play: Play, said: list[SimpleNamespace]) -> list[dict[str, Any]]:  # E45
    until = find_end(play)
    played = [(row, play.read(row.at)) for row in said if row.good and row.at <= until and play.read(row.at) >= 0]
    played = [(row, time) for row, time in played if row.page.audience == play.audience]
    opened = {row.id: time for row, time in played if row.type in OPENS}
    first: dict[tuple[str, bytes, str], tuple[int, bytes]] = {}
    for row, time in played:
        if row.type in DOES:
            first.setdefault((DOES[row.type], row.fields[0], row.party), (time, row.id))
    taken = []
    for row, time in played:
        for measured in OPENS.get(row.type, ()):
            under = row.fields[0] if row.type != "ConsultationCalled" else ()
            since = min([time, *(opened[id_] for id_ in under if id_ in opened)])
            asked = row.fields[1] if row.type == "MeasureOffered" else play.audience
            for party in asked:
                done = first.get((measured, row.id, party))
                if (measured in ("acknowledge", "match-measure") and party == row.party) or (
                    measured == "convene" and not done
                ):
                    continue
                after, by = (max(0, done[0] - since), done[1].hex()) if done else (-1, "")
                taken.append({"measured": measured, "about": row.id.hex(), "party": party, "since_ms": since,
                              "after_ms": after, "by": by})  # fmt: skip
    return taken


def find_typical(taken: list[dict[str, Any]]) -> list[dict[str, Any]]:  # E45
    found = []
    for measured in ("acknowledge", "convene", "agree-text", "match-measure"):
        for party in sorted({row["party"] for row in taken if row["measured"] == measured}):
            rows = [row["after_ms"] for row in taken if (row["measured"], row["party"]) == (measured, party)]
            times = sorted(time for time in rows if time >= 0)
            median, longest = (times[(len(times) - 1) // 2], times[-1]) if times else (-1, -1)
            found.append({"measured": measured, "party": party, "count": len(rows), "done": len(times),
                          "median_ms": median, "longest_ms": longest})  # fmt: skip
    return found


def read_offset(text: str) -> int:  # E4
    hours, minutes, *seconds = map(int, text.split(":"))
    return ((hours * 60 + minutes) * 60 + sum(seconds)) * 1000


def list_came(
    play: Play, said: list[SimpleNamespace], inject: dict[str, Any], given: int | None
) -> list[dict[str, Any]]:  # E25
    if given is None or "act" not in inject:
        return []
    types, until, now, found = ACTS[inject["act"]].split(), find_end(play), play.spans[-1][1], []
    for party in inject["by"]:
        deeds = [
            (play.read(row.at), row.id.hex())
            for row in said
            if row.good
            and row.type in types
            and row.party == party
            and row.at <= until
            and set(play.audience) <= set(row.page.audience)
        ]  # E24
        time, by = min((deed for deed in deeds if deed[0] >= given), default=(-1, ""))
        within = read_offset(inject["within"])
        outcome = "in-time" if time - given <= within else "late"
        if not by:
            outcome = "missed" if now > given + within else "cut-short" if play.over else "open"
        found.append({"party": party, "outcome": outcome, "after_ms": time - given if by else -1, "by": by})
    return found


def list_notes(play: Play, said: list[SimpleNamespace]) -> list[SimpleNamespace]:  # E44, P3
    own = [row for row in said if row.good and row.type in ("EntryCorrected", "EntryWithdrawn")]
    unsaid = {(row.fields[0], row.party, *row.page.audience) for row in own if row.type == "EntryWithdrawn"}
    notes = []
    for row in play.of_it:
        if row.good and row.type in NOTES and (row.id, row.party, *play.audience) not in unsaid:
            mine = [
                one
                for one in own
                if (one.fields[0], one.party, one.page.audience) == (row.id, row.party, play.audience)
                and (one.id, one.party, *play.audience) not in unsaid
            ]
            for one in sorted(mine, key=lambda one: one.order):
                value = read(one.fields[2], None, "entry.malformed")
                if value[:2] == [row.type, row.exercise]:
                    vars(row).update(zip(FIELDS[row.type], value[1:], strict=False))
            notes.append(row)
    return notes


def count(values: Iterable[str]) -> dict[str, int]:
    rows = list(values)
    return {one: rows.count(one) for one in rows}


def reckon(record: Record, msel: dict[str, Any], exercise: bytes) -> dict[str, Any]:  # E46: what has figures
    said = list_said(record)
    play = Play(said, exercise)
    if not play.spans:
        raise ValueError("the exercise of this report has not begun on this record")
    fate = {row.number: (row.type[6:].lower(), time) for row, time in play.acts if row.type in STILL[:2]}  # E23
    given = {number: time for number, (state, time) in fate.items() if state == "fired"}
    notes, taken = list_notes(play, said), list_taken(play, said)
    came = {one["number"]: list_came(play, said, one, given.get(one["number"])) for one in msel["inject"]}
    seen = [row for row in notes if row.type == "ObservationNoted"]
    named = {(row.about, row.of) for row in seen}
    rated = {name: count(one.rating for one in seen if (one.about, one.of) == name) for name in named}
    objectives = []
    for one in msel.get("objective", []):
        served = [inject["number"] for inject in msel["inject"] if one["id"] in inject.get("objective", [])]
        names = [task["id"] for task in one.get("task", [])]
        tasks = [[name, rated.get(("critical-task", f"{one['id']}.{name}"), {})] for name in names]
        outcomes = count(row["outcome"] for number in served for row in came[number])
        objectives.append([one["id"], outcomes, rated.get(("objective", one["id"]), {}), tasks])
    return {
        "audience": list(play.audience), "controllers": list(play.opened.controllers), "list": play.opened.list.hex(),
        "started_at": play.spans[0][0], "ended_at": play.spans[-1][0] if play.over else 0,
        "played_ms": play.spans[-1][1], "opens_at": play.acts[0][0].opens_at,
        "status": "ended" if play.over else "paused" if play.holds else "running",
        "fates": [[one["number"], fate.get(one["number"], ("",))[0], given.get(one["number"], -1)]
                  for one in msel["inject"]],
        "moments": [[time, row.at, row.type, row.party, getattr(row, "number", "")] for row, time in play.acts],
        "taken": taken, "typical": find_typical(taken),
        "came": {number: rows for number, rows in came.items() if rows}, "objectives": objectives,
        "observations": [[row.id.hex(), row.party, row.about, row.of, row.rating, play.read(row.at)] for row in seen],
        "hot_wash": [[row.id.hex(), row.party, row.sort] for row in notes if row.type == "HotWashNoted"],
        "improvements": [[row.id.hex(), row.owner, row.due_at] for row in notes if row.type == "ImprovementProposed"],
    }  # fmt: skip


def read_figures(report: dict[str, Any]) -> dict[str, Any]:  # the same figures, as a report has them
    seen = ("id", "party", "about", "of", "rating", "time_ms")
    plain = ("audience", "controllers", "list", "started_at", "ended_at", "played_ms", "taken", "typical", "opens_at",
             "status")  # fmt: skip
    return {
        **{name: report[name] for name in plain},
        "moments": [[row["time_ms"], row["at"], row["type"], row["party"], row["number"]] for row in report["moments"]],
        "came": {row["number"]: row["came"] for row in report["injects"] if row["came"]},
        "fates": [
            [row["number"], row["state"] * (row["state"] in ("fired", "skipped")), row["fired_ms"]]
            for row in report["injects"]
        ],
        "objectives": [
            [row["id"], row["outcomes"], row["ratings"], [[task["id"], task["ratings"]] for task in row["tasks"]]]
            for row in report["objectives"]
        ],
        "observations": [[row[name] for name in seen] for row in report["observations"]],
        "hot_wash": [[row["id"], row["party"], row["sort"]] for row in report["hot_wash"]],
        "improvements": [[row["id"], row["owner"], row["due_at"]] for row in report["improvements"]],
    }


def compare(record: Record, msel: dict[str, Any], raw: bytes) -> list[str]:  # the names of figures that differ
    report = json.loads(raw)
    again = json.dumps(report, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ours, theirs = reckon(record, msel, bytes.fromhex(report["exercise"])), read_figures(report)
    return ["form"] * (again != raw) + [name for name, value in ours.items() if theirs[name] != value]  # E47


def main() -> int:
    """Reckon anew and say what differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name in ("bundle", "list", "report"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--pact", type=Path, help="the pact that you accepted; else the one in the bundle")
    parser.add_argument("--key", type=Path, action="append", default=[], help="a receiving secret, in hexadecimal")
    asked = parser.parse_args()
    secrets = verify.read_secrets(path.read_text() for path in asked.key)
    record = verify.judge(asked.bundle.read_bytes(), asked.pact.read_bytes() if asked.pact else b"", secrets)
    raw = asked.report.read_bytes()
    apart = compare(record, tomllib.loads(asked.list.read_text("utf-8")), raw)
    print(
        f"{len(read_figures(json.loads(raw)))} parts of the report reckoned anew: {', '.join(apart) or 'none'} differ."
    )
    print(f"SHA-256 of the report: {sha(raw).hex()}")
    return bool(apart)


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"exercise.py: {error}") from None
