"""Every page of the console, once: where it is, and what has to be stated before it shows all that it can show.

The tests of accessibility and of planted payloads, and the photographer, go over this table. A new page is a row here;
what it shows is made by a *maker*, which states it with a given text in every free text field, and returns ids by name.
A maker is called once for each text, however many pages want it.
"""

import base64
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final
from xml.sax.saxutils import escape

from comity.api.form import parse_form
from comity.base.instants import HOUR_MS
from comity.base.names import Party
from comity.exercise.check_msel import parse_msel
from comity.exercise.lists import LIST_PACKAGE, LIST_SUFFIX
from comity.exercise.write_msel import digest_msel
from comity.procedure.detected import DiscardReason, DraftDiscarded
from comity.procedure.registry import encode_entry
from kit.floor import Floor
from kit.giving import ask_for, ask_to_know, call, give
from kit.stage import CALL
from kit.talk import Play, marked
from kit.warned import draft, report

__all__ = ["PAGES", "PARTY", "FloorPage", "make_all"]

PARTY: Final[Party] = "JPN"
"""At whose console the pages are looked at."""

PLAYED: Final = {
    "en": "PLAYED, NOT HISTORY. Launch detected 2322Z, one object, east of the peninsula. Confirm your track.",
    "ja": "【演習上の発言であり史実ではない】2322Z 発射を探知。飛翔体1、半島東方。貴方の航跡を確認されたい。",
    "ko": "[훈련상의 발언이며 사실이 아님] 2322Z 발사 탐지. 비행체 1, 한반도 동쪽. 귀측 항적을 확인 바람.",
}
"""What is said in pictures, in each language."""


def in_three(text: str) -> dict[str, str]:
    """Return a text by language: what is played in its own words, any other the same in all three."""
    return dict(PLAYED) if text == PLAYED["en"] else dict.fromkeys(PLAYED, text)


_ALERT: Final = (
    '<?xml version="1.0"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{1}</identifier>'
    "<sender>met@agency.example</sender><sent>2026-11-27T03:01:00-00:00</sent><status>Exercise</status>"
    "<msgType>Alert</msgType><scope>Public</scope><info><language>en</language><category>Geo</category><event>{0}</event>"
    "<urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty><headline>{0}</headline>"
    "</info></alert>"
)
Maker = Callable[[Floor, str], Mapping[str, str]]


def make_items(floor: Floor, text: str) -> Mapping[str, str]:
    """Items given and received, asked to be passed on, asked back; requests for information; in every free text."""
    portions = ({"text": text, "language": "ja", "likelihood": "likely", "confidence": "low", "reliability": "B"},
                {"text": text[:40], "kind": "attribution"})  # fmt: skip
    item = give(floor, "USA", *portions, to=("JPN",))
    own = give(floor, "JPN", {"text": text}, to=("USA",))
    ask_for(floor, "USA", own, "KOR", originator="JPN")
    by_at = floor.nodes["USA"].now() + HOUR_MS
    body = {"item": item, "reason": "superseded", "answer_by_at": by_at}
    (recall,) = call(floor, "USA", "/v1/recalls", body)["ids"]
    floor.reaches(recall, PARTY)
    ask_to_know(floor, "KOR", text, to=("JPN",))
    return {"item": item, "own": own, "recall": recall}


def make_came_in(floor: Floor, text: str) -> Mapping[str, str]:
    """A public warning of a third, taken in with a text as its headline."""
    alert = _ALERT.format(escape(text.replace("\0", "")), uuid.uuid4()).encode()
    body = {"alert": base64.b64encode(alert).decode(), "to": ["USA"]}
    taken = floor.call("POST", "/v1/alerts", party=PARTY, json=body)
    assert taken.status_code == 201, taken.text
    return {"warning": taken.json()["item"]}


def make_warned(floor: Floor, text: str) -> Mapping[str, str]:
    """A draft that waits and one that was discarded in these words; a report, and what was issued of it."""
    apart = draft(floor, PARTY, track=7_001)
    entry = DraftDiscarded(bytes.fromhex(apart), DiscardReason.OTHER, text[:400], floor.nodes[PARTY].now())
    floor.run(floor.nodes[PARTY].say((PARTY,), (entry,)))
    issued = report(floor, PARTY, track=7_002, to=(PARTY,))
    call(floor, PARTY, "/v1/warning/public", {"report": issued})
    proposed = report(floor, PARTY, track=7_003, to=(PARTY,))
    return {"drafted": draft(floor, PARTY, track=7_004), "proposed": proposed}


def make_alerts(floor: Floor, text: str) -> Mapping[str, str]:
    """A call and a FLASH message of others, that nobody at `PARTY` has answered."""
    (call,) = floor.state(CALL, party="USA")
    (flash,) = floor.state(
        {"type": "MessageSent", "channel": "hotline.nsc", "level": "watch", "precedence": "flash", "consultation": [],
         "answers": [], "body": marked("KOR", **in_three(text))}, party="KOR",
    )  # fmt: skip
    floor.reaches(call, PARTY)
    floor.reaches(flash, PARTY)
    return {"call": call, "flash": flash}


def make_talk(floor: Floor, text: str) -> Mapping[str, str]:
    """A consultation with a threat, positions with reasons, a text in two versions, a bracket, a measure."""
    play = Play(floor)
    three = in_three(text)
    source = {"kind": "own-sensor", "reliability": "B", "credibility": 2}
    threat = play.say("KOR", "ThreatReported", kind="missile-launch", occurred_at=play.now(), threatened=["KOR"],
                      sources=[source], narrative=marked("KOR", **three))  # fmt: skip
    call = play.call("KOR", threats=[threat], threatened=["KOR"])
    position = play.say("USA", "PositionStated", consultation=call, subject=call, confirm_by_at=0,
                        position="support-with-reserve")  # fmt: skip
    play.say("USA", "PositionExplained", consultation=call, position=position, text=marked("USA", **three))
    own = {"consultation": call, "subject": call, "confirm_by_at": 0, "position": "support"}
    own_position = play.say(PARTY, "PositionStated", **own)
    own_words = play.say(PARTY, "PositionExplained", consultation=call, position=own_position,
                         text=marked(PARTY, **three))  # fmt: skip
    text_id, version = play.text(call, three, {language: f"{words_} 2" for language, words_ in three.items()})
    bracket = play.say("KOR", "PassageBracketed", text=text_id, version=version,
                       passages=[{"language": "en", "first": 0, "end": min(len(text), 4)}])  # fmt: skip
    play.say("USA", "PassageWorded", text=text_id, bracket=bracket, wording=marked("USA", en=text))
    terms = play.terms("USA", description=marked("USA", **three), caveats=[marked("USA", en=text)])
    measure = play.offer("USA", call, terms, "JPN")
    return {"talk": call, "threat": threat, "text": text_id, "measure": measure,
            "own_words": own_words}  # fmt: skip


def make_line(floor: Floor, text: str) -> Mapping[str, str]:
    """A phrase, a correction, a translation; a voice call, a meeting with evidence, a handover."""
    play, line = Play(floor), {"channel": "hotline.nsc", "level": "watch", "consultation": [], "answers": []}
    three = in_three(text)
    said = play.say("KOR", "MessageSent", **line, precedence="immediate", body=marked("KOR", **three))
    mended = encode_entry(parse_form({"type": "MessageSent", **line, "precedence": "immediate",
                                      "body": marked("KOR", en=f"{text} 2")})).hex()  # fmt: skip
    play.say("KOR", "EntryCorrected", entry=said, reason="mistake", replacement=mended)
    play.say(
        "USA", "MessageTranslated", message=said, role="watch-officer", officer="duty-u", body=marked("USA", ja=text)
    )
    filled = {"phrase": "policy.phrase.launch-detected", "parties": [], "instants": [play.now()], "numbers": [1]}
    phrase = play.say("USA", "PhraseSent", **line, precedence="flash", filled=filled)
    play.say("KOR", "MessageAcknowledged", message=phrase, role="watch-officer", officer="duty-k")
    began, ended = play.now() - 2 * HOUR_MS, play.now() - HOUR_MS
    by = {"role": "director", "officer": "dir-k"}
    when = {"began_at": began, "ended_at": ended}
    play.say("KOR", "VoiceCallLogged", channel="hotline.nsc", level="watch", parties=["JPN"], **when,
             check="proved", challenge=["7K"], reply=["Q4"], consultation=[], **by)  # fmt: skip
    met = play.say("KOR", "MeetingHeld", commitment="C4", body=["DM"], level="ministers", medium="video", **when,
                   attended=["JPN", "KOR", "USA"], consultation=[])  # fmt: skip
    play.say("KOR", "MeetingEvidenceGiven", meeting=met, form="communique", dated_at=0, text=[], digest=[],
             source=marked("KOR", **three))  # fmt: skip
    setting = {"starts_at": play.now() + 48 * HOUR_MS, "ends_at": play.now() + 50 * HOUR_MS, "medium": "in-person",
               "host": ["KOR"], "place": ["Seoul"], "agenda": [said]}  # fmt: skip
    plan = play.say("KOR", "MeetingPlanned", commitment="C4", body=["DM"], level="ministers", invited=["JPN", "USA"],
                    consultation=[], setting=setting)  # fmt: skip
    times = {"starts_at": play.now() + 72 * HOUR_MS, "ends_at": play.now() + 73 * HOUR_MS}
    play.say("USA", "InvitationAnswered", appointment=plan, setting=plan, answer="other-time", **times,
             role="watch-officer", officer="duty-u")  # fmt: skip
    handed = {"drafted_at": ended, "calls": [], "messages": [said], "texts": [], "tests": []}
    floor.state({"type": "ShiftHandedOver", "role": "watch-officer", "officer": "duty-j", **handed,
                 "note": [marked("JPN", **three)]}, party=PARTY, to=(PARTY,))  # fmt: skip
    return {"said": said, "phrase": phrase, "met": met, "appointment": plan}


def make_plans(floor: Floor, text: str) -> Mapping[str, str]:
    """A plan of others and one of ours, each with a version; ours is activated and nothing meets it."""
    play = Play(floor)
    line = {
        "id": "p1",
        "instrument": "patrol",
        "by": ["KOR"],
        "target": ["strait"],
        "after_ms": 0,
        "for_ms": 86_400_000,
    }
    found, version = {}, ""
    for name, party in (("plan", "USA"), ("own_plan", PARTY)):
        found[name] = play.say(party, "PlanOpened", name=f"launch-{party.lower()}", kind="missile-launch")
        body = marked(party, en=text, ja=text, ko=text)
        version = play.say(party, "PlanVersionProposed", plan=found[name], lines=[line], body=body)
        for other in play.parties:
            if other not in (party, PARTY):
                play.say(other, "PlanAccepted", plan=found[name], version=version)
    play.say("KOR", "PlanActivated", plan=found["own_plan"], version=version, consultation=play.call("KOR"),
             begins_at=play.now())  # fmt: skip
    return found


def make_exercise(floor: Floor, text: str) -> Mapping[str, str]:
    """An exercise by a list that ships: begun, an inject given in these words, NO DUFF, an act without effect."""
    play, raw = Play(floor), (files(LIST_PACKAGE) / ("lost-line" + LIST_SUFFIX)).read_bytes()
    digest = digest_msel(parse_msel(raw, floor.nodes[PARTY].machine.pact)).hex()
    control = {"role": "exercise-controller", "officer": "ctl-1"}
    id_ = play.say(PARTY, "ExerciseProposed", name="lost-line", list=digest, controllers=["JPN", "USA"],
                   role=control["role"])  # fmt: skip
    for party in ("KOR", "USA"):
        play.say(party, "ExerciseJoined", exercise=id_, list=digest)
    play.say(PARTY, "ExerciseStarted", exercise=id_, list=digest, opens_at=play.now(), **control)
    play.say("USA", "ExerciseJumped", exercise=id_, to_ms=HOUR_MS // 3, **control)
    play.say(PARTY, "InjectFired", exercise=id_, number="1", **control)
    body = marked(PARTY, **in_three(text))
    play.say(PARTY, "InjectTold", exercise=id_, number="1", seat="control", body=body, **control)
    play.say("USA", "InjectSkipped", exercise=id_, number="1", **control)
    play.say("KOR", "BreakoutDeclared", exercise=id_)
    return {"exercise": id_}


def make_list(floor: Floor, text: str) -> Mapping[str, str]:
    """A list of injects that is being written, with these words in every free text, and a row that does not fit."""
    three = in_three(text[:2_000])
    cell = {"id": "red", "kind": "red", "title": three, "plays": [text[:100]]}
    inject = {"number": "1", "at": "0:10", "from": "red", "to": ["JPN"], "method": "voice", "text": three,
              "expected": three, "act": "report", "by": ["KOR"], "within": "0:05", "objective": ["alert"],
              "remarks": text[:200]}  # fmt: skip
    after = {"number": "1.1", "at": "0:01", "after": "1", "only_if": "missed", "from": text[:60], "to": [text[:60]],
             "text": three}  # fmt: skip
    objective = {"id": "alert", "title": three, "task": [{"id": "ack", "title": three}]}
    tree = {"id": "drill", "title": three, "cell": [cell], "objective": [objective], "inject": [inject, after]}
    floor.shelves[PARTY].put_draft("drill", tree)
    return {"drill": "drill"}


@dataclass(frozen=True)
class FloorPage:
    """One page. `path` gets the ids of what its makers stated; `click`: what to press to see what lies in front."""

    name: str
    path: Callable[[Mapping[str, str]], str]
    makers: tuple[Maker, ...] = ()
    click: Callable[[Mapping[str, str]], str] | None = None
    is_entrance: bool = False
    """Looked at by whoever has not signed in."""


PAGES: Final[tuple[FloorPage, ...]] = (
    FloorPage("sign-in", lambda _: "/sign-in", is_entrance=True),
    FloorPage("enrol", lambda _: "/enrol", is_entrance=True),
    FloorPage("release", lambda _: "/release", (make_items,)),
    FloorPage("item", lambda ids: f"/release/items/{ids['item']}/open", (make_items,)),
    FloorPage("own-item", lambda ids: f"/release/items/{ids['own']}", (make_items,)),
    FloorPage("compose", lambda _: "/release/new"),
    FloorPage("inquiries", lambda _: "/release/inquiries", (make_items,)),
    FloorPage("came-in", lambda _: "/release/imports", (make_came_in,)),
    FloorPage("bring-in", lambda _: "/release/imports/new"),
    FloorPage("warnings", lambda _: "/release/warnings", (make_came_in,)),
    FloorPage("indicators", lambda _: "/release/indicators"),
    FloorPage("reached", lambda _: "/release/record", (make_items,)),
    FloorPage("watch", lambda _: "/", (make_alerts,)),
    FloorPage("waiting", lambda _: "/watch/waiting", (make_alerts,)),
    FloorPage("confirm", lambda _: "/", (make_alerts,), lambda ids: f"#ack-{ids['call'][:16]}"),
    FloorPage("acknowledge", lambda ids: f"/acknowledge/{ids['flash']}", (make_alerts,)),
    FloorPage("warning", lambda _: "/warning"),
    FloorPage("drafts", lambda _: "/drafts", (make_warned,)),
    FloorPage("draft", lambda ids: f"/drafts/{ids['drafted']}", (make_warned,)),
    FloorPage("warning-public", lambda _: "/warning/public", (make_warned,)),
    FloorPage("warning-issue", lambda ids: f"/warning/public/{ids['proposed']}/issue", (make_warned,)),
    FloorPage("consultations", lambda _: "/consultations", (make_talk,)),
    FloorPage("consultation", lambda ids: f"/consultations/{ids['talk']}", (make_talk,)),
    FloorPage("timeline", lambda ids: f"/consultations/{ids['talk']}/timeline", (make_talk,)),
    FloorPage("text", lambda ids: f"/texts/{ids['text']}", (make_talk,)),
    FloorPage("write", lambda ids: f"/consultations/{ids['talk']}/write/measure", (make_talk,)),
    FloorPage("hotline", lambda _: "/hotline", (make_line,)),
    FloorPage("hotline-phrase", lambda ids: f"/hotline/back/{ids['phrase']}", (make_line,)),
    FloorPage("hotline-write", lambda ids: f"/hotline/write/hotline.nsc?answers={ids['said']}", (make_line,)),
    FloorPage("duties", lambda _: "/duties", (make_line,)),
    FloorPage("plan-meeting", lambda _: "/duties/planned", (make_line,)),
    FloorPage("invitation", lambda ids: f"/duties/planned/{ids['appointment']}/answer", (make_line,)),
    FloorPage("handover", lambda _: "/handover", (make_line,)),
    FloorPage("card", lambda _: "/card", (make_line,)),
    FloorPage("plans", lambda _: "/plans", (make_plans,)),
    FloorPage("plan", lambda ids: f"/plans/{ids['plan']}", (make_plans,)),
    FloorPage("own-plan", lambda ids: f"/plans/{ids['own_plan']}", (make_plans,)),
    FloorPage("exercises", lambda _: "/exercises", (make_exercise,)),
    FloorPage("exercise", lambda ids: f"/exercises/{ids['exercise']}", (make_exercise,)),
    FloorPage("lists", lambda _: "/exercises/lists", (make_list,)),
    FloorPage("list", lambda ids: f"/exercises/lists/{ids['drill']}", (make_list,)),
    FloorPage("list-row", lambda ids: f"/exercises/lists/{ids['drill']}/inject/1", (make_list,)),
    FloorPage("pact", lambda _: "/pact"),
    FloorPage("pact-what-if", lambda _: "/pact/what-if"),
    FloorPage("pact-proofs", lambda _: "/pact/proofs"),
    FloorPage("administration", lambda _: "/administration"),
    FloorPage("officers", lambda _: "/administration/officers"),
    FloorPage("roster", lambda _: "/administration/roster"),
    FloorPage("systems", lambda _: "/administration/systems"),
    FloorPage("call-outs", lambda _: "/administration/alarm"),
    FloorPage("contacts", lambda _: "/administration/contacts"),
    FloorPage("node-keys", lambda _: "/administration/keys"),
    FloorPage("record", lambda _: "/record", (make_talk, make_alerts)),
    FloorPage("record-entry", lambda ids: f"/record/{ids['threat']}", (make_talk,)),
    FloorPage("record-correct", lambda ids: f"/record/{ids['own_words']}/correct", (make_talk,)),
    FloorPage("record-knowledge", lambda _: "/record/knowledge", (make_talk,)),
    FloorPage("record-journals", lambda _: "/record/journals"),
    FloorPage("alarm", lambda _: "/alarm"),
    FloorPage("keys", lambda _: "/shortcuts"),
    FloorPage("prove", lambda _: "/prove"),
    FloorPage("no-page", lambda _: "/nowhere"),
)


def make_all(floor: Floor, text: str) -> Mapping[str, str]:
    """Have every maker state what it states with this text; return all ids, by name."""
    makers: dict[Any, None] = dict.fromkeys(maker for page in PAGES for maker in page.makers)
    ids: dict[str, str] = {}
    for maker in makers:
        ids |= maker(floor, text)
    return ids
