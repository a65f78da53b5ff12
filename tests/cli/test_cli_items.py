"""`comity item compose` and `comity item read`, from a file, at running nodes."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from comity.api import words
from comity.api.words import LANGUAGES
from comity.base.errors import UsageError
from comity.cli.client import Client
from comity.cli.item_file import read_item_file
from kit.api import Apis
from kit.command import Json, Run
from kit.nodes import Nodes, accept_all, make_homes

FILE = """
expires = 2099-12-01T00:00:00Z

[[portion]]
level = "USA-S"
topics = ["dprk-missile"]
text = "A launch is being prepared."
likelihood = "very-likely"
confidence = "moderate"
source = "B2"

[[portion]]
level = "USA-S"
topics = ["dprk-missile"]
caveats = ["REL TO JPN"]
attribution = "the General Bureau"
likelihood = "likely"

[[portion]]
tlp = "CLEAR"
topics = ["dprk-missile"]
language = "ja"
text = "公開情報です。"
"""
SHOWN, BELOW = "A launch is being prepared.", "the General Bureau"


@pytest.fixture(scope="module")
def apis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    """The APIs of three running nodes."""
    accepted = accept_all(make_homes(tmp_path_factory.mktemp("homes")))
    with Apis(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _at_home(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--home PARTY` reaches that party's node, without a socket."""

    def reach(client: Client, home: Path, realm: str) -> None:
        assert realm == ""

        def request(method: str, path: str, **given: Any) -> Any:
            return apis.call(method, path, party=home.name, **given)

        client._http = SimpleNamespace(request=request)  # type: ignore[assignment]

    monkeypatch.setattr(Client, "__init__", reach)


@pytest.fixture
def draft(tmp_path: Path) -> str:
    """A file with a draft of three portions."""
    path = tmp_path / "draft.toml"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


def test_a_preview_shows_what_each_gets_and_sends_nothing(apis: Apis, draft: str, comity: Run) -> None:
    """The exact text, its marking and how each handles it, the tear line between, and what is kept from whom."""
    before = apis.get("/v1/items", party="USA")
    status, out, _ = comity("item", "compose", draft, "--to", "jpn", "--to", "KOR", "--preview", "--home", "USA")
    assert status == 0
    assert out.index("to KOR:") > out.index("tear line") > out.index("to JPN:")
    above, _, below = out.partition("tear line")
    assert BELOW in above
    assert SHOWN in above
    assert SHOWN in below
    assert BELOW not in below.partition("not to")[0]
    assert "JPN handles it as JPN-GOKUHI (極秘 Gokuhi, ja)" in above
    assert "KOR handles it as KOR-II" in below
    assert "attributed to: the General Bureau" in above
    assert "the caveat does not list that party" in below
    assert "nothing was sent" in below
    assert apis.get("/v1/items", party="USA") == before


def test_a_draft_is_sent_and_read_under_the_readers_own_marking(
    apis: Apis, draft: str, comity: Run, comity_json: Json
) -> None:
    """JPN reads all of it, KOR two portions; likelihood and confidence stand on lines of their own."""
    status, shown = comity_json("item", "compose", draft, "--to", "JPN", "--to", "KOR", "--preview", "--home", "USA")
    assert status == 0
    status, sent = comity_json(
        "item", "compose", draft, "--to", "JPN", "--to", "KOR", "--plan", shown["plan"], "--home", "USA"
    )
    assert status == 0
    assert [one["to"] for one in sent["items"]] == [["JPN"], ["KOR"]]
    of = {one["to"][0]: one["item"] for one in sent["items"]}
    for party, item in of.items():
        apis.run(_until_read(apis, party, item))
    status, out, _ = comity("item", "read", of["JPN"][:10], "--home", "JPN")
    assert status == 0
    assert "USA  USA-S; dprk-missile; REL TO JPN" in out
    assert "handled here as JPN-GOKUHI (極秘 Gokuhi, ja)" in out
    lines = [line.strip() for line in out.splitlines()]
    assert "likelihood: very likely (80–95 %)" in lines
    assert "confidence: moderate" in lines
    assert "source: B usually reliable; 2 probably true" in lines
    assert "attributed to: the General Bureau" in lines
    assert "公開情報です。" in lines
    assert "expires at 010000Z DEC 99" in lines
    status, out, _ = comity("item", "read", of["KOR"], "--home", "KOR")
    assert status == 0
    assert BELOW not in out
    assert "tear line" not in out
    status, out, _ = comity("item", "read", of["KOR"], "--home", "USA")
    assert status == 0
    assert f"of the same draft: {of['JPN'][:16]}, to JPN" in out
    status, rows = comity_json("item", "show", "--home", "KOR")
    assert of["KOR"] in [row["item"] for row in rows]
    assert of["JPN"] not in [row["item"] for row in rows]
    status, read = comity_json("item", "read", of["KOR"], "--home", "KOR")
    assert (read["portion_count"], read["linked"], read["is_expired"]) == (2, [], False)


async def _until_read(apis: Apis, party: str, item: str) -> None:
    from kit.nodes import until

    await until(lambda: _opens(apis, party, bytes.fromhex(item)))


def _opens(apis: Apis, party: str, item: bytes) -> bool:
    try:
        apis.nodes.items(party).open(item)  # type: ignore[arg-type]
    except UsageError:
        return False
    return True


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_shown_in_every_language(language: str, draft: str, comity: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left in English but what the parties wrote."""
    monkeypatch.setattr(words, "_chosen", language)
    status, out, _ = comity("item", "compose", draft, "--to", "JPN", "--preview", "--home", "USA")
    assert status == 0
    assert ("handles it as" in out) == (language == "en")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('level = "USA-S"', ""), "one of `level`, `tlp`"),
        (('topics = ["dprk-missile"]', ""), "topics"),
        (("caveats", "caveat"), "caveat"),
        (('"very-likely"', '"perhaps"'), "perhaps"),
        (('"B2"', '"B7"'), "source"),
        (('text = "A launch', 'attribution = "x"\ntext = "A launch'), "one of `text`, `attribution`, `attach`"),
        (("00Z", "00"), "time zone"),
        (("[[portion]]", "[[portions]]"), "portion"),
        (("expires", "expires = 1\nexpires"), "overwrite"),
    ],
)
def test_a_file_that_leaves_something_open_is_refused(
    change: tuple[str, str], why: str, tmp_path: Path, comity: Run
) -> None:
    """What is missing or misspelt is an error that says where; it never has a default."""
    path = tmp_path / "draft.toml"
    path.write_text(FILE.replace(*change, 1), encoding="utf-8")
    status, _, err = comity("item", "compose", str(path), "--to", "JPN", "--home", "USA")
    assert (status, "item.file" in err) == (2, True), err
    with pytest.raises(UsageError) as caught:
        read_item_file(path)
    assert why in str(caught.value.details["why"])


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Not UTF-8, or nested beyond any stack."""
    for content in (b"\xff\xfe", b"x = " + b"[" * 100_000, b""):
        path = tmp_path / "draft.toml"
        path.write_bytes(content)
        with pytest.raises(UsageError, match=r"item\.file"):
            read_item_file(path)
