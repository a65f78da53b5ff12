"""`comity item compose` and `comity item read`, from a file, at running nodes."""

from pathlib import Path

import pytest

from comity.api import desk, words
from comity.api.words import LANGUAGES
from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.cli.item_file import read_item_file
from comity.node.destruction import Deciders
from kit.api import Apis
from kit.command import Json, Run
from kit.patience import until

pytestmark = pytest.mark.usefixtures("at_home")

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


ATTACHED = """
[[portion]]
level = "USA-S"
topics = ["dprk-missile"]
attach = "航跡 2.csv"
media = "text/csv"
"""
TRACK = b"t,lat,lon\n" + b"0,41.1,129.7\n" * 60_000


def test_a_file_is_attached_and_saved_under_its_own_name(
    apis: Apis, draft: str, tmp_path: Path, comity: Run, comity_json: Json
) -> None:
    """With a marking of its own; the reader sees how much of it is here, and nothing is ever written over."""
    track, chart = tmp_path / "航跡 2.csv", tmp_path / "chart.png"
    track.write_bytes(TRACK)
    chart.write_bytes(b"a chart")
    with Path(draft).open("a", encoding="utf-8") as file:
        file.write(
            '\n[[portion]]\nlevel = "USA-S"\ntopics = ["dprk-missile"]\nattach = "航跡 2.csv"\nmedia = "text/csv"\n'
        )
    to = ("--to", "KOR", "--home", "USA")
    more = ("--attach", str(chart), "--level", "USA-TS", "--topic", "dprk-missile", "--media", "image/png")
    status, out, _ = comity("item", "compose", draft, *more, *to, "--preview")
    assert (status, "attachment: 航跡 2.csv, text/csv" in out, "chart.png" in out) == (0, True, False)
    assert apis.nodes["USA"].store.blobs.list_drafts() == (), "a preview leaves nothing behind"
    status, sent = comity_json("item", "compose", draft, *more, *to)
    assert (status, [row["of"] for row in sent["withheld"]]) == (0, [2, 5])
    item = sent["items"][0]["item"]
    apis.run(_until_whole(apis, "KOR", item))
    (row,) = [row for row in apis.get("/v1/items", party="KOR") if row["item"] == item]
    assert row["attachments"] == {"here": 2, "total": 2, "size_bytes": len(TRACK), "here_bytes": len(TRACK)}
    status, out, _ = comity("item", "show", "--home", "KOR")
    assert "2/2" in out
    folder = tmp_path / "saved"
    folder.mkdir()
    status, out, _ = comity("item", "save", item[:12], "3", "--to", str(folder), "--home", "KOR")
    assert (status, "Saved" in out) == (0, True)
    saved = folder / "航跡 2.csv"
    assert saved.read_bytes() == TRACK
    assert saved.stat().st_mode & 0o077 == 0
    assert [one.name for one in folder.iterdir()] == [saved.name]
    saved.write_bytes(b"mine")
    status, _, err = comity("item", "save", item, "3", "--to", str(folder), "--home", "KOR")
    assert (status, "cli.file-there" in err, saved.read_bytes()) == (2, True, b"mine")
    (folder / "link").symlink_to(folder / "nowhere")
    status, _, err = comity("item", "save", item, "3", "--to", str(folder / "link"), "--home", "KOR")
    assert (status, "cli.file-there" in err, (folder / "nowhere").exists()) == (2, True, False)
    status, _, err = comity("item", "save", item, "1", "--to", str(folder / "x"), "--home", "KOR")
    assert (status, "attachment.none" in err) == (2, True)
    apis.run(
        apis.nodes["KOR"].custody.destruction.destroy(Digest(bytes.fromhex(item)), by=Deciders("watch-officer", ("a",)))
    )
    status, _, err = comity("item", "save", item, "3", "--to", str(folder / "x"), "--home", "KOR")
    assert (status, "item.destroyed" in err) == (2, True)
    assert [one.name for one in sorted(folder.iterdir())] == ["link", saved.name]


@pytest.mark.usefixtures("apis")
def test_a_status_tells_how_much_of_a_file_is_here(comity: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words, while it is on its way."""
    row = {"item": "ab" * 32, "given_by": "JPN", "here_bytes": 512 * 1024, "size_bytes": 3 * 1024 * 1024}
    monkeypatch.setattr(desk, "show_arriving", lambda _: {"arriving": [row]})
    status, out, _ = comity("status", "--home", "USA")
    assert status == 0
    assert "attachments of item abababababababab from JPN, 512.0 KiB of 3.0 MiB" in out


async def _until_whole(apis: Apis, party: str, item: str) -> None:

    def is_whole() -> bool:
        rows = apis.nodes[party].shelf.find_givings()
        return any(
            apis.nodes[party].attachments.find_progress(row.entry).here == 2  # type: ignore[arg-type]
            for row in rows if row.entry.item.hex() == item  # type: ignore[attr-defined]
        )  # fmt: skip

    await until(is_whole)


@pytest.mark.parametrize(
    ("name", "content", "options", "code"),
    [
        ("a:b", b"x", ("--level", "USA-U", "--topic", "cyber"), "attachment.name"),
        ("empty", b"", ("--level", "USA-U", "--topic", "cyber"), "attachment.size"),
        ("plain", b"x", ("--level", "USA-U"), "item.file"),
        ("plain", b"x", ("--level", "NO-SUCH", "--topic", "cyber"), "item.portion-marking"),
        ("plain", b"x", ("--level", "USA-U", "--topic", "cyber", "--media", "Nonsense"), "item.portion-form"),
    ],
)
def test_a_file_that_cannot_be_attached_is_refused(  # noqa: PLR0917 -- a row of the table
    apis: Apis, draft: str, tmp_path: Path, comity: Run, name: str, content: bytes, options: tuple[str, ...], code: str
) -> None:
    """With its code; nothing of it stays at the node."""
    path = tmp_path / name
    path.write_bytes(content)
    status, _, err = comity("item", "compose", draft, "--attach", str(path), *options, "--to", "KOR", "--home", "USA")
    assert (status, code in err) == (2, True), err
    assert apis.nodes["USA"].store.blobs.list_drafts() == ()
