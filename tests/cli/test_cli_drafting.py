"""`comity text` for drafters, `comity plan` and the matrix, as a person types them."""

from typing import Any

import pytest

from kit.api import Apis
from kit.command import Json, Run

pytestmark = pytest.mark.usefixtures("at_home")

CALL: dict[str, object] = {"type": "ConsultationCalled", "commitment": "C1", "level": "watch",
                           "kind": "maritime-incident", "threats": [], "threatened": ["JPN"]}  # fmt: skip


def do(apis: Apis, comity_json: Json, party: str, *arguments: str) -> str:
    """Run a command that states something, and wait until all have it."""
    status, done = comity_json(*arguments, "--home", party)
    assert status == 0, done
    apis.reaches(done["ids"][0], *{"JPN", "KOR", "USA"} - {party})
    id_: str = done["ids"][0]
    return id_


def test_the_pen_goes_from_hand_to_hand(apis: Apis, comity: Run, comity_json: Json) -> None:
    """It rests until it is taken, by whom it was offered to alone; a version of who has it not does not count."""
    text = do(apis, comity_json, "USA", "text", "open", "--language", "en")
    do(apis, comity_json, "USA", "text", "propose", "--id", text[:12], "--text", "We condemn the launch.")
    do(apis, comity_json, "USA", "text", "give-pen", "--id", text[:12], "--party", "jpn")
    status, _, err = comity("text", "take-pen", "--id", text[:12], "--home", "KOR")
    assert (status, "text.no-pen-offered" in err) == (2, True)
    status, out, _ = comity("text", "draft", "--id", text[:12], "--home", "KOR")
    assert (status, "The pen rests; JPN may take it." in out) == (0, True)
    do(apis, comity_json, "JPN", "text", "take-pen", "--id", text[:12])
    late = do(apis, comity_json, "USA", "text", "propose", "--id", text[:12], "--text", "We regret the launch.")
    do(apis, comity_json, "JPN", "text", "propose", "--id", text[:12], "--text", "We strongly condemn the launch.")
    do(apis, comity_json, "KOR", "text", "amend", "--id", text[:12], "--text", "We condemn today's launch.")
    draft = apis.get(f"/v1/texts/{text}", party="KOR")
    assert (draft["holder"], [row["texts"]["en"] for row in draft["versions"]]) == (
        "JPN",
        ["We condemn the launch.", "We strongly condemn the launch."],
    )
    assert late not in [row["stated"]["id"] for row in draft["versions"]]
    status, out, _ = comity("text", "draft", "--id", text[:12], "--home", "USA")
    assert [word for word in ("Pen: JPN", "Version 2", "Amendment by KOR: en: We condemn") if word not in out] == []
    do(apis, comity_json, "JPN", "text", "silence", "--id", text[:12], "--for", "2h")
    before = next(row for row in apis.get("/v1/texts") if row["id"] == text)["until_at"]
    do(apis, comity_json, "JPN", "text", "extend", "--id", text[:12], "--by", "1h")
    after = next(row for row in apis.get("/v1/texts") if row["id"] == text)["until_at"]
    assert after - before == 3_600_000
    do(apis, comity_json, "JPN", "text", "withdraw", "--id", text[:12])
    assert next(row for row in apis.get("/v1/texts") if row["id"] == text)["status"] == "superseded"


def test_a_passage_stands_in_brackets_until_it_is_lifted(apis: Apis, comity: Run, comity_json: Json) -> None:
    """By its words, which must stand there once; others propose words, under the funnel as any text."""
    text = do(apis, comity_json, "USA", "text", "open", "--language", "en", "--language", "ja")
    versions = ("--text", "We condemn, in the strongest terms, the launch.", "--text", "ja=発射を最も強く非難する。")
    do(apis, comity_json, "USA", "text", "propose", "--id", text[:12], *versions)
    for wrong in ("in the weakest terms", "n", ""):
        status, _, err = comity("text", "bracket", "--id", text[:12], "--passage", wrong, "--home", "KOR")
        assert (status, "text.no-such-passage" in err) == (2, True), wrong
    passages = ("--passage", "in the strongest terms", "--passage", "ja=最も強く")
    do(apis, comity_json, "KOR", "text", "bracket", "--id", text[:12], *passages)
    (bracket,) = apis.get(f"/v1/texts/{text}", party="JPN")["brackets"]
    assert bracket["quotes"] == {"en": "in the strongest terms", "ja": "最も強く"}
    word = ("text", "word", "--id", text[:12], "--text", "strongly")
    status, _, err = comity(*word, "--level", "JPN-KIMITSU", "--home", "JPN")
    assert (status, "release.withheld" in err) == (2, True)
    do(apis, comity_json, "JPN", *word)
    status, out, _ = comity("text", "draft", "--id", text[:12], "--home", "USA")
    assert [part for part in ("[in the strongest terms]", "JPN: strongly", "stands") if part not in out] == []
    assert comity("text", "lift-bracket", "--id", text[:12], "--home", "JPN")[0] == 2
    do(apis, comity_json, "USA", "text", "silence", "--id", text[:12], "--for", "48h")
    status, _, err = comity("text", "bracket", "--id", text[:12], "--passage", "the launch", "--home", "JPN")
    assert (status, "a bracket holds nothing" in err) == (0, True)
    do(apis, comity_json, "KOR", "text", "lift-bracket", "--id", text[:12])
    assert apis.get(f"/v1/texts/{text}", party="JPN")["brackets"][0]["is_lifted"]
    assert apis.call("GET", f"/v1/texts/{bracket['id'][::-1]}").json()["code"] == "cli.no-such-object"


def test_a_plan_is_accepted_activated_and_its_gap_shown_in_the_matrix(
    apis: Apis, comity: Run, comity_json: Json
) -> None:
    """From the opening to the measure that closes the gap; dependencies and caveats stand in the matrix."""
    (call,) = apis.state(CALL)
    apis.reaches(call, "JPN", "KOR")
    plan = do(apis, comity_json, "JPN", "plan", "open", "--name", "strait", "--kind", "maritime-incident")
    lines = ("--line", "p1=patrol,by:JPN,on:strait,for:2d", "--line", "s1=public-statement,after:6h,for:1d")
    propose = ("plan", "propose", "--id", plan[:12], *lines, "--text", "Patrols first")
    status, _, err = comity(*propose, "--level", "JPN-KIMITSU", "--home", "JPN")
    assert (status, "release.withheld" in err) == (2, True)
    do(apis, comity_json, "JPN", *propose)
    assert comity("plan", "activate", "--id", plan[:12], "--home", "USA")[0] == 2
    for party in ("KOR", "USA"):
        do(apis, comity_json, party, "plan", "accept", "--id", plan[:12])
    do(apis, comity_json, "USA", "plan", "activate", "--id", plan[:12], "--consultation", call[:12])
    status, out, _ = comity("plan", "show", "--home", "KOR")
    assert [part for part in ("in force", "p1: patrol JPN strait", "nothing meets line p1") if part not in out] == []
    base = do(apis, comity_json, "USA", "action", "state", "--instrument", "surveillance", "--actor", "wing-2",
              "--text", "Watching", "--for", "3d", "--stage", "under-way")  # fmt: skip
    offer = ("measure", "offer", "--instrument", "patrol", "--actor", "fleet-1", "--target", "strait", "--for",
             "3d", "--text", "Joint patrol", "--depends-on", base[:12], "--caveat",
             "Not inside territorial waters")  # fmt: skip
    measure = do(apis, comity_json, "JPN", *offer)
    matrix: Any = apis.call("GET", f"/v1/matrix?consultation={call}", party="KOR").json()
    row = next(row for row in matrix["rows"] if row["id"] == measure)
    assert row["depends_on"] == [{"id": base, "state": "met"}]
    assert row["caveats"][0]["translations"][0]["text"] == "Not inside territorial waters"
    assert [gap["line"] for gap in matrix["gaps"]] == ["s1"]
    status, out, _ = comity("measure", "show", "--home", "KOR")
    wanted = ("begins in time", "Not inside territorial waters", "line s1 of the plan strait")
    assert [part for part in wanted if part not in out] == []
    do(apis, comity_json, "USA", "action", "end", "--id", base[:12])
    matrix = apis.get("/v1/matrix", party="KOR")
    assert next(row for row in matrix["rows"] if row["id"] == measure)["depends_on"][0]["state"] == "not-standing"
    do(apis, comity_json, "USA", "plan", "stand-down", "--id", plan[:12])
    assert apis.get("/v1/matrix", party="KOR")["gaps"] == []
    status, _, err = comity("plan", "propose", "--id", plan[:12], "--line", "p1=war", "--text", "x", "--home", "JPN")
    assert (status, "write a line like" in err) == (2, True)
