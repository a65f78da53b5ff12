"""Commands that act at a running node: `comity disclose`, `comity disclosed`, `comity pact withdraw`."""

from pathlib import Path

import pytest

from comity.cli import look
from kit.api import Apis
from kit.command import Json, Run
from kit.patience import until
from kit.stage import CALL
from kit.stix import TLP_2, bundle, check_by_library, make_object

pytestmark = pytest.mark.usefixtures("at_home")


def test_a_statement_is_previewed_disclosed_and_listed(apis: Apis, comity: Run, comity_json: Json) -> None:
    """By the beginning of its id; the other side reads who said it when, and who disclosed it."""
    (id_,) = apis.state(CALL)
    apis.reaches(id_, "JPN")
    status, out, _ = comity("disclose", id_[:12], "--to", "jpn", "--preview", "--home", "USA")
    assert status == 0
    assert [word for word in ("JPN", "permit", "policy.procedural") if word in out] == [
        "JPN",
        "permit",
        "policy.procedural",
    ]
    status, done = comity_json("disclose", id_[:12], "--to", "JPN", "--home", "USA")
    assert (status, len(done["ids"])) == (0, 1)
    apis.reaches(done["ids"][0], "JPN")
    status, out, _ = comity("disclosed", "--home", "JPN")
    assert status == 0
    assert "USA called for consultation under Consult (C1)" in out
    assert "stated to JPN, KOR, USA; disclosed by USA to JPN, USA at" in out
    status, rows = comity_json("disclosed", "--home", "KOR")
    assert (status, rows) == (0, [])
    status, _, err = comity("disclose", "ffff", "--to", "JPN", "--home", "USA")
    assert (status, "cli.no-such-object" in err) == (2, True)


def test_notice_is_given_and_taken_back(apis: Apis, comity: Run, comity_json: Json) -> None:
    """To all parties, whoever is named; every node shows it with its end; taking back what is not given is refused."""
    status, _, err = comity("pact", "withdraw", "--revoke", "--home", "KOR")
    assert (status, "pact.no-notice" in err) == (2, True)
    status, done = comity_json("pact", "withdraw", "--after", "30d", "--to", "USA", "--home", "KOR")
    assert status == 0
    apis.reaches(done["ids"][0], "JPN", "USA")
    for party in ("JPN", "KOR", "USA"):
        (row,) = apis.get("/v1/status", party=party)["withdrawals"]
        assert (row["party"], row["id"], row["has_ended"]) == ("KOR", done["ids"][0], False)
    status, out, _ = comity("pact", "withdraw", "--revoke", "--home", "KOR")
    assert (status, "Stated and stored" in out) == (0, True)
    apis.run(_until_none(apis))
    assert [apis.get("/v1/status", party=party)["withdrawals"] for party in ("JPN", "KOR", "USA")] == [[]] * 3


async def _until_none(apis: Apis) -> None:
    from comity.procedure.withdrawal import WithdrawalRevoked

    await until(lambda: all(node.machine.statements.find(WithdrawalRevoked) for node in apis.nodes.nodes.values()))


def test_a_threat_is_read_with_its_text(apis: Apis, comity: Run, comity_json: Json) -> None:
    """At the party that was told, in the languages that it was told in; the one named, or all of them."""
    report = ("threat", "report", "--kind", "missile-launch", "--at", "2023-12-17T23:24Z", "--threatened", "JPN")
    status, done = comity_json(*report, "--text", "One object, still flying", "--text", "ja=飛翔中", "--home", "USA")
    assert status == 0
    apis.reaches(done["ids"][0], "JPN")
    status, out, _ = comity("threat", "show", "--id", done["ids"][0][:12], "--home", "JPN")
    assert status == 0
    for said in ("missile launch  reported by USA", "172324Z DEC 23", "en: One object, still flying", "ja: 飛翔中"):
        assert said in out, said
    status, rows = comity_json("threat", "show", "--home", "JPN")
    assert (status, rows[0]["id"], rows[0]["is_withdrawn"]) == (0, done["ids"][0], False)


def test_the_status_says_what_waits_for_an_officer(apis: Apis, comity: Run, comity_json: Json) -> None:
    """A call until it is acknowledged in a role, a FLASH until it is read; nothing waits for whoever said it."""
    before = apis.get("/v1/status", party="KOR")["waiting"]
    (call,) = apis.state(CALL)
    send = ("message", "send", "--precedence", "flash", "--text", "Stand by", "--home", "USA")
    status, done = comity_json(*send)
    assert status == 0
    apis.reaches(call, "KOR")
    apis.reaches(done["ids"][0], "KOR")
    assert apis.get("/v1/status", party="USA")["waiting"] == {"call_count": 0, "flash_count": 0}
    expected = {"call_count": before["call_count"] + 1, "flash_count": before["flash_count"] + 1}
    assert apis.get("/v1/status", party="KOR")["waiting"] == expected
    status, out, _ = comity("status", "--home", "KOR")
    assert status == 0
    assert f"calls not acknowledged: {expected['call_count']} (comity consult show)" in out
    assert f"FLASH messages not read: {expected['flash_count']} (comity message show)" in out
    status, _, err = comity("consult", "ack", "--consultation", call, "--role", "cook", "--home", "KOR")
    assert (status, "The role cook does not answer the clock; the pact names: " in err) == (0, True)
    assert apis.get("/v1/status", party="KOR")["waiting"] == expected
    status, _, err = comity("consult", "ack", "--consultation", call, "--home", "KOR")
    assert (status, err) == (0, "")
    status, _, err = comity("message", "ack", "--id", done["ids"][0], "--role", "cook", "--home", "KOR")
    assert (status, "The role cook" in err) == (0, True)
    assert apis.get("/v1/status", party="KOR")["waiting"] == before


def test_what_cannot_be_meant_is_said(comity: Run) -> None:
    """A party that is none of the pact's, and an object where there is none of its kind."""
    status, _, err = comity("consult", "call", "--kind", "other", "--to", "fra", "--home", "USA")
    assert (status, "party FRA, parties JPN, KOR, USA" in err, "[cli.no-such-party]" in err) == (2, True, True)
    status, _, err = comity("measure", "accept", "--home", "USA")
    assert (status, "(kind measure)" in err, "[cli.none-here]" in err) == (2, True, True)


def test_a_consumer_is_added_listed_and_removed(comity: Run, comity_json: Json) -> None:
    """Its token is printed once, with how to use it; what does not fit is refused with what it is."""
    given = ("consumer", "add", "soc", "--party", "usa", "--format", "taxii", "--home", "USA")
    status, _, err = comity(*given)
    assert status == 2
    assert "consumer.malformed" in err
    ceiling = ("--level", "USA-CUI", "--topic", "cyber", "--add-to", "jpn", "--add-topic", "cyber")
    status, out, _ = comity(*given, *ceiling)
    assert status == 0
    assert "soc, reading for USA" in out
    assert "  soc." in out
    status, rows = comity_json("consumer", "list", "--home", "USA")
    assert status == 0
    assert [row["adding"]["to"] for row in rows if row["name"] == "soc"] == [["JPN"]]
    status, out, _ = comity("consumer", "list", "--home", "USA")
    assert "USA-CUI" in out
    status, out, _ = comity("consumer", "remove", "soc", "--home", "USA")
    assert (status, "opens nothing any more" in out) == (0, True)
    status, rows = comity_json("consumer", "list", "--home", "USA")
    assert "soc" not in [row["name"] for row in rows]


def test_a_bundle_of_another_system_is_previewed_imported_and_exported(
    apis: Apis, comity: Run, comity_json: Json, tmp_path: Path
) -> None:
    """Per marking what each party is told; what was refused by number, id and code; then what a consumer may have."""
    file = tmp_path / "report.json"
    file.write_bytes(bundle(make_object("known", TLP_2["green"]), make_object("unmarked")))
    given = ("import", "stix", file, "--to", "jpn", "--topic", "cyber", "--home", "USA")
    status, out, _ = comity(*given, "--preview")
    assert status == 0
    assert "1 objects under USA-CUI  cyber" in out
    assert "permit" in out
    assert "Item" not in out
    assert "exchange.no-marking" in out
    status, out, _ = comity(*given)
    assert (status, "given to USA, JPN" in out) == (0, True)
    status, found = comity_json(*given, "--level", "USA-S", "--caveat", "NATIONAL EYES ONLY")
    assert (status, found["given_count"], found["refused"]) == (0, 0, [])
    apis.add_consumer("tokyo-soc", reading_for="JPN")
    out_file = tmp_path / "out.json"
    status, out, _ = comity("export", "stix", out_file, "--for", "tokyo-soc", "--home", "USA")
    assert (status, "what tokyo-soc may have" in out) == (0, True)
    assert [one["name"] for one in check_by_library(out_file.read_bytes()) if one["type"] == "campaign"] == ["known"]


def test_a_file_without_a_format_is_the_records_bundle(
    comity: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ever: `comity export FILE` and `comity import FILE`, with the options before or behind."""
    file = tmp_path / "record"
    assert comity("export", file, "--home", "USA")[0] == 0
    status, out, _ = comity("import", "--home", "USA", file)
    assert (status, "pages in the bundle" in out) == (0, True)
    assert comity("import", "bundle", file, "--home", "USA")[0] == 0
    monkeypatch.setattr(look, "BUNDLE_BODY_SIZE_BYTES_MAX", 100)
    for too_large in (file, Path("/dev/zero")):
        status, _, err = comity("import", too_large, "--home", "USA")
        assert (status, "bytes.too-large" in err) == (3, True)


def test_a_release_is_previewed_and_what_crossed_is_listed(apis: Apis, comity: Run, comity_json: Json) -> None:
    """Over a node: an item that was given, who has it and who could; what its agreement's end would leave protected."""
    marking = {"level": "JPN-GOKUHI", "topics": ["dprk-missile"], "caveats": ["ONLY UNDER tisa-2014"]}
    portion = {"marking": marking, "text": "a reading", "language": "en"}
    given = apis.call("POST", "/v1/items", party="JPN", json={"to": ["USA"], "portions": [portion]}).json()["item"]
    status, out, _ = comity("release", "preview", "--item", given[:12], "--home", "JPN")
    assert status == 0
    assert "USA is known to have it" in out
    assert "KOR could, with consent: USA → KOR" in out
    status, out, _ = comity("release", "preview", "--level", "JPN-KIMITSU", "--topic", "cyber", "--home", "JPN")
    assert "KOR cannot" in out
    status, out, _ = comity("release", "graph", "--home", "JPN")
    assert "jpn-kor-gsomia" in out
    status, out, _ = comity("pact", "what-if", "--suspend", "usa-jpn-2007", "--home", "JPN")
    assert status == 0
    assert "What has crossed under it already, and stays protected" in out
    assert given[:16] in out
    status, found = comity_json("pact", "what-if", "--end", "jpn-kor-gsomia", "--home", "JPN")
    assert (status, found["crossed"]) == (0, [])
