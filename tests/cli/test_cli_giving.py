"""`comity exercise seat` and `run` as controllers type them: role-play and injects reach whom they are for, once."""

from pathlib import Path

import pytest

from kit.api import Apis
from kit.command import Json, Run

pytestmark = pytest.mark.usefixtures("at_home")

HEAD = (
    'id = "spring"\ntitle = { en = "Spring" }\n'
    '[[cell]]\nid = "red"\nkind = "red"\ntitle = { en = "Red" }\n'
    '[[cell]]\nid = "control"\nkind = "white"\ntitle = { en = "Control" }\n'
)
ROWS = (("1", "red", "hotline", '["KOR"]'), ("2", "control", "cap", '["KOR", "USA"]'),
        ("3", "control", "stix", '["KOR", "USA"]'), ("4", "red", "voice", '["USA", "control"]'))  # fmt: skip
LIST = HEAD + "".join(
    f'[[inject]]\nnumber = "{number}"\nat = "0:0{number}"\nfrom = "{cell}"\nto = {to}\nmethod = "{method}"\n'
    f'text = {{ en = "Words of inject {number}." }}\n'
    for number, cell, method, to in ROWS
)


def test_role_play_and_injects_reach_whom_they_are_for_and_once(
    apis: Apis, comity: Run, comity_json: Json, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two controllers, a program that is started again, and nothing comes twice, early, or to others."""

    def do(party: str, *words: str) -> list[str]:
        status, done = comity_json("exercise", *words, "--home", party)
        assert status == 0, done
        for id_ in done["ids"]:
            apis.reaches(id_, *(other for other in ("JPN", "KOR", "USA") if other != party))
        return list(done["ids"])

    def read(party: str) -> dict[str, str]:
        status, rows = comity_json("exercise", "injects", "--home", party)
        assert (status, {row["is_role_play"] for row in rows} <= {True}) == (0, True)
        return {row["number"]: row["verdict"] for row in rows}

    monkeypatch.chdir(tmp_path)
    Path("spring.toml").write_text(LIST, encoding="utf-8")
    do("JPN", "propose", "spring.toml", "--controller", "JPN", "--controller", "USA")
    do("KOR", "join", "spring.toml")
    do("USA", "join", "spring.toml")
    status, made = comity_json("exercise", "seat", "make", "red", "red.seat")
    assert (status, Path("red.seat").stat().st_mode & 0o777) == (0, 0o600), made
    early = comity("exercise", "seat", "speak", "red.seat", "--to", "KOR", "--text", "Too early.", "--home", "JPN")
    assert (early[0] != 0, "seat.unknown" in early[1] + early[2]) == (True, True)
    do("JPN", "seat", "give", "red", "--key", made["key"], "--colour", "red")
    status, said = comity_json("exercise", "seat", "speak", "red.seat", "--to", "KOR", "--text", "We fish here.",
                               "--home", "JPN")  # fmt: skip
    assert status == 0, said
    apis.reaches(said["ids"][0], "KOR")
    assert (read("KOR"), read("USA")) == ({"": "authentic"}, {})
    do("USA", "start")
    run = ("exercise", "run", "spring.toml", "--once", "--seat", "red.seat", "--home")
    assert comity(*run, "JPN")[0] == 0
    assert read("USA") == {}, "nothing is due yet"
    do("JPN", "jump", "0:10")
    for _ in range(2):
        status, out, err = comity(*run, "JPN")
        assert status == 0, out + err
        assert comity(*run, "USA")[0] == 0
    rows = comity_json("exercise", "injects", "--home", "JPN")[1]
    assert [row["number"] for row in rows] == ["", "1", "2", "3", "4"]
    for row in rows[1:]:
        apis.reaches(row["id"], *(party for party in row["stated"]["audience"] if party != "JPN"))
    assert read("KOR") == {"": "authentic", "1": "authentic", "2": "given", "3": "given"}
    assert read("USA") == {"2": "given", "3": "given", "4": "authentic"}
    messages = apis.get("/v1/messages", party="KOR")
    assert ["ROLE-PLAY (red): Words of inject 1." in str(row) for row in messages] == [True]
    assert [len(apis.get("/v1/alerts", party=party)) for party in ("KOR", "USA")] == [1, 1]
    assert len(apis.get("/v1/imports", party="JPN")) == 2, "the alert and the bundle"
