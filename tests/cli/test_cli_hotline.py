"""`comity message` and `comity voice` as a person types them: phrases, translations, the log of calls."""

from typing import Any

import pytest

from comity.api import words
from kit.api import Apis
from kit.command import Json, Run

pytestmark = pytest.mark.usefixtures("at_home")

LAUNCH, AT = "policy.phrase.launch-detected", "2026-12-18T08:24Z"


def find_message(apis: Apis, id_: str, party: str) -> Any:
    """One message as a party's node shows it."""
    return next(row for row in apis.get("/v1/messages", party=party) if row["id"] == id_)


def test_a_phrase_is_read_in_the_readers_own_language_and_read_back(
    apis: Apis, comity: Run, comity_json: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent by its clause, shown in Korean in Seoul and in Japanese in Tokyo; the sender sees that it was read back."""
    status, out, _ = comity("message", "phrases", "--home", "USA")
    assert (status, "Launch detected at {at_1}" in out) == (0, True)
    filled = ("--at", AT, "--number", "2")
    asked = comity_json("message", "send", "--text", "What do you see?", "--home", "KOR")[1]["ids"][0]
    apis.reaches(asked, "USA")
    send = ("message", "phrase", LAUNCH, *filled, "--answers", asked[:12])
    status, done = comity_json(*send, "--precedence", "flash", "--home", "USA")
    assert status == 0
    id_ = done["ids"][0]
    apis.reaches(id_, "JPN", "KOR")
    assert find_message(apis, id_, "KOR")["sent"]["entry"]["answers"] == [asked]
    assert apis.get("/v1/status", party="KOR")["waiting"]["flash_count"] == 1
    monkeypatch.setattr(words, "_chosen", "ko")
    status, out, _ = comity("message", "phrases", "--home", "KOR")
    assert "{at_1} 발사 탐지" in out
    status, out, _ = comity("message", "show", "--home", "KOR")
    assert "180824Z DEC 26 발사 탐지: 2발" in out
    monkeypatch.setattr(words, "_chosen", "en")
    status, back = comity_json("message", "phrase-back", LAUNCH, *filled, "--id", id_[:12], "--home", "KOR")
    status, wrong = comity_json("message", "phrase-back", LAUNCH, "--at", AT, "--number", "3", "--home", "JPN")
    apis.reaches(back["ids"][0], "USA")
    apis.reaches(wrong["ids"][0], "USA")
    cells = {cell["party"]: cell["read_back"] for cell in find_message(apis, id_, "USA")["cells"]}
    assert cells == {"JPN": "differs", "KOR": "matches"}


@pytest.mark.parametrize(
    ("phrase", "filled", "code"),
    [
        ("policy.phrase.none", (), "phrase.unknown"),
        (LAUNCH, ("--at", AT), "phrase.gaps"),
        (LAUNCH, ("--at", AT, "--number", "1", "--party", "kor"), "phrase.gaps"),
    ],
)
def test_what_no_reader_could_read_is_not_sent(comity: Run, phrase: str, filled: tuple[str, ...], code: str) -> None:
    """A phrase that the pact does not have, or other gaps than it has: refused at the own node."""
    status, _, err = comity("message", "phrase", phrase, *filled, "--home", "USA")
    assert (status, code in err) == (2, True)


def test_a_translation_goes_where_its_own_marking_lets_it(apis: Apis, comity: Run, comity_json: Json) -> None:
    """It is marked text as any other: refused above what the pact lets go; else shown as whose word it is."""
    status, done = comity_json("message", "send", "--text", "ko=선박 1척", "--home", "KOR")
    id_ = done["ids"][0]
    apis.reaches(id_, "USA", "JPN")
    translate = ("message", "translate", "--id", id_[:12], "--text", "One vessel", "--home", "USA")
    status, _, err = comity(*translate, "--level", "USA-TS")
    assert (status, "release.withheld" in err) == (2, True)
    status, done = comity_json(*translate)
    assert status == 0
    apis.reaches(done["ids"][0], "JPN")
    found = find_message(apis, id_, "JPN")
    assert found["words"] == {"ko": "선박 1척"}
    assert [(row["party"], row["language"], row["text"]) for row in found["translations"]] == [
        ("USA", "en", "One vessel")
    ]
    status, out, _ = comity("message", "show", "--home", "JPN")
    assert "en, translated by USA (duty-1, watch-officer): One vessel" in out


def test_a_voice_call_is_logged_and_each_gives_its_account(apis: Apis, comity: Run, comity_json: Json) -> None:
    """Challenge and reply as each wrote them down; accounts that differ stand side by side."""
    log = ("voice", "log", "--with", "jpn", "--with", "kor", "--from", AT, "--until", "2026-12-18T08:40Z")
    status, done = comity_json(*log, "--challenge", "7k", "--reply", "q4", "--home", "USA")
    assert status == 0
    apis.reaches(done["ids"][0], "JPN", "KOR")
    said = {"JPN": ("7K", "Q4"), "KOR": ("7K", "Q5")}
    for party, (challenge, reply) in said.items():
        code = ("--challenge", challenge, "--reply", reply)
        status, told = comity_json("voice", "confirm", *code, "--home", party)
        assert status == 0
        apis.reaches(told["ids"][0], "USA")
    status, out, _ = comity("voice", "show", "--home", "USA")
    assert status == 0
    assert [word for word in ("challenge answered", "challenge 7K, reply Q4") if word not in out] == []
    assert "JPN    its account agrees" in out
    assert "KOR    its account differs" in out
    status, _, err = comity(*log, "--challenge", "not a code", "--home", "USA")
    assert (status, "eight letters and digits" in err) == (2, True)
