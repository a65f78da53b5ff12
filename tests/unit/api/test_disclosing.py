"""Disclosing an earlier statement through the API: preview, act, what the other side is shown."""

from kit.api import Apis
from kit.patience import until
from kit.stage import CALL


def test_a_statement_is_disclosed_and_shown(apis: Apis) -> None:
    """The preview names the clause and states nothing; the act is done once for its key; the reader sees the proof."""
    (id_,) = apis.state(CALL)
    apis.reaches(id_, "JPN")
    asked = {"entry": id_, "to": ["JPN"], "preview": True, "key": "once-and-no-more"}
    found = apis.call("POST", "/v1/disclosed", json=asked)
    assert (found.status_code, [to for to, _ in found.json()["by_party"]]) == (201, ["JPN"])
    assert found.json()["by_party"][0][1]["clause"] == "policy.procedural"
    assert apis.get("/v1/disclosed") == []
    ids = [apis.call("POST", "/v1/disclosed", json={**asked, "preview": False}).json()["ids"] for _ in range(2)]
    assert ids[0] == ids[1]
    apis.reaches(ids[0][0], "JPN")
    for party in ("USA", "JPN"):
        (row,) = apis.get("/v1/disclosed", party=party)
        assert (row["is_proved"], row["stated"]["author"], row["disclosed"]["id"]) == (True, "USA", ids[0][0])
        assert row["entry"]["type"] == "ConsultationCalled"
    assert apis.get("/v1/disclosed", party="KOR") == []
    apis.run(until(lambda: True))
    assert [apis.get("/v1/status", party=party)["disclosed_count"] for party in ("JPN", "KOR", "USA")] == [1, 0, 0]


def test_what_cannot_be_disclosed_is_a_problem_with_its_code(apis: Apis) -> None:
    """A statement to a few, one that is not here, an id that is none."""
    (to_few,) = apis.state(CALL, to=("JPN",))
    for entry, code, status in (
        (to_few, "disclosure.of-few", 409),
        ("00" * 32, "cli.no-such-object", 404),
        ("zz", "api.malformed", 400),
    ):
        found = apis.call("POST", "/v1/disclosed", json={"entry": entry, "to": ["KOR"]})
        assert (found.json()["code"], found.status_code) == (code, status)


def test_nobody_states_a_disclosure_as_words(apis: Apis) -> None:
    """It names a page and a key's work: only the act makes one."""
    body = {"to": ["JPN"], "statements": [{"type": "EntryDisclosed", "disclosure": "00", "certificates": []}]}
    assert apis.call("POST", "/v1/statements", json=body).json()["code"] == "statement.by-node"
