"""What becomes of an item after it was given, as officers type it: copies, recall, destroying, inquiry, spillage."""

import pytest

from comity.api import words
from comity.api.words import LANGUAGES
from kit.api import Apis
from kit.command import Json, Run
from kit.patience import until

pytestmark = pytest.mark.usefixtures("at_home")

BY = ("--role", "release-officer", "--officer", "duty-2", "--officer", "duty-1")


@pytest.fixture
def item(apis: Apis, comity_json: Json) -> str:
    """An item of Japan's that Korea holds."""
    shared = ("--text", "apogee", "--level", "JPN-HI", "--topic", "dprk-missile", "--to", "KOR")
    _, found = comity_json("item", "share", *shared, "--home", "JPN")
    made: str = found["ids"][0]
    shelf = apis.nodes["KOR"].shelf
    apis.run(until(lambda: any(row.entry.item.hex() == made for row in shelf.find_givings())))  # type: ignore[attr-defined]
    apis.run(until(lambda: not shelf.find_wanted()))
    return made


def test_a_recall_is_asked_answered_and_shown(apis: Apis, item: str, comity: Run, comity_json: Json) -> None:
    """In every language; destroyed shows its certificate, and the item opens no more."""
    asked = ("recall", "ask", "--item", item[:12], "--reason", "compromised", "--answer-within", "2h")
    _, found = comity_json(*asked, "--home", "JPN")
    (recall,) = found["ids"]
    apis.reaches(recall, "KOR")
    status, out, _ = comity("item", "copies", "--item", item[:12], "--home", "KOR")
    assert status == 0
    assert "JPN > KOR" in out
    assert "asked back" in out
    answered = ("recall", "answer", "--id", recall[:12], "--fate", "destroyed", "--copies", "none-made", *BY)
    _, found = comity_json(*answered, "--home", "KOR")
    apis.reaches(found["ids"][0], "JPN")
    _, rows = comity_json("item", "copies", "--item", item[:12], "--home", "JPN")
    certificate = next(row["certificate"] for row in rows if row["holder"] == "KOR")
    status, out, _ = comity("recall", "list", "--home", "JPN")
    assert "destroyed; copies elsewhere: none made; not passed on" in " ".join(out.split())
    status, _, err = comity("item", "show", "--item", item[:12], "--home", "KOR")
    assert (status, "[item.destroyed]" in err) == (2, True)
    status, _, err = comity("item", "destroy", "--item", item[:12], *BY, "--home", "KOR")
    assert (status, "[item.destroyed-already]" in err) == (2, True)
    for language in LANGUAGES:
        words.choose_language(language)
        status, out, _ = comity("item", "copies", "--item", item[:12], "--home", "JPN")
        assert (status, certificate[:12] in "".join(out.split())) == (0, True)


def test_a_refusal_names_its_clause_in_the_row_of_its_request(apis: Apis, item: str, comity_json: Json) -> None:
    """Korea asks for the United States, Japan refuses, and both see one row."""
    _, found = comity_json("item", "ask", "--item", item[:12], "--for", "USA", "--until", "1h", "--home", "KOR")
    apis.reaches(found["ids"][0], "JPN")
    refused = ("item", "refuse", "--item", item[:12], "--holder", "KOR", "--for", "USA", "--reason", "source")
    _, found = comity_json(*refused, "--clause", "policy.consent", "--home", "JPN")
    apis.reaches(found["ids"][-1], "KOR")
    for party in ("JPN", "KOR"):
        _, rows = comity_json("item", "requests", "--home", party)
        (row,) = [row for row in rows if row["item"] == item]
        assert (row["state"], row["clause"], row["reason"]) == ("refused", "policy.consent", "source")
    assert comity_json("item", "requests", "--home", "USA") == (0, [])
    assert comity_json("quarantine", "list", "--home", "KOR") == (0, [])


def test_an_inquiry_and_a_spillage_from_end_to_end(apis: Apis, item: str, comity: Run, comity_json: Json) -> None:
    """Asked, answered by an item, closed; reported, concluded; and the duty on it is shown."""
    asked = ("inquiry", "ask", "--about", "dprk-missile", "--text", "Since Monday?", "--to", "JPN")
    _, found = comity_json(*asked, "--home", "KOR")
    (inquiry,) = found["ids"]
    apis.reaches(inquiry, "JPN")
    answered = ("inquiry", "answer", "--id", inquiry[:12], "--answer", "given", "--item", item[:12])
    _, found = comity_json(*answered, "--home", "JPN")
    apis.reaches(found["ids"][-1], "KOR")
    _, rows = comity_json("inquiry", "list", "--home", "KOR")
    (row,) = [row for row in rows if row["id"] == inquiry]
    assert [(cell["state"], cell["items"]) for cell in row["cells"]] == [("given", [item])]
    assert comity_json("inquiry", "close", "--id", inquiry[:12], "--home", "KOR")[0] == 0
    told = ("spillage", "report", "--item", item[:12], "--kind", "possible-loss", "--noticed-ago", "20m", *BY)
    _, found = comity_json(*told, "--home", "KOR")
    apis.reaches(found["ids"][0], "JPN")
    concluded = ("spillage", "conclude", "--id", found["ids"][0][:12], "--result", "no-loss-found")
    _, ended = comity_json(*concluded, "--step", "persons-instructed", *BY, "--home", "KOR")
    apis.reaches(ended["ids"][0], "JPN")
    status, out, _ = comity("spillage", "list", "--home", "JPN")
    assert (status, "no loss found; persons instructed" in " ".join(out.split())) == (0, True)
    _, duties = comity_json("duties", "--home", "JPN")
    assert {row["verdict"] for row in duties if row["kind"].startswith("spillage")} == {"met"}
