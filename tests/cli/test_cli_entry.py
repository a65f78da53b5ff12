"""The command as a whole: languages, errors in two lines or as JSON, exit statuses, `explain`."""

import json
import re
from pathlib import Path

import click
import pytest

from comity.audit.wording import FINDING_MESSAGES
from comity.base.catalogue import CODES
from comity.cli.commands import comity as commands
from comity.node.log import EVENTS
from kit.command import Run, start_comity


def test_no_command_shows_the_commands() -> None:
    """`comity` alone prints what there is."""
    done = start_comity()
    assert "pact" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (("pact", "check", "not-there.toml"), "file.unreadable", 2),
        (("pact", "show", "camp-david", "C99"), "pact.no-clause", 2),
        (("account", "--pact", "harbour-aid"), "account.no-record", 2),
        (("account", "--as-of", "yesterday"), "instant.malformed", 2),
    ],
)
def test_an_error_is_two_lines_and_its_exit_status(arguments: tuple[str, ...], code: str, status: int) -> None:
    """One line says what is wrong, one what to do; nothing goes to standard output."""
    done = start_comity(*arguments)
    assert done.returncode == status == CODES[code].exit_status
    error, hint = done.stderr.splitlines()
    assert error.startswith(f"comity: error: {CODES[code].says}")
    assert hint == f"comity: hint: {CODES[code].hint} [{code}]"
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "error", "command"),
    [
        (("nonsense",), "there is no command nonsense", "comity"),
        (("explain", "--nonsense"), "there is no option --nonsense", "comity explain"),
        (("consult", "ack", "--rol", "x"), "there is no option --rol (did you mean --role, ", "comity consult ack"),
        (("measure", "offer"), "--actor is missing", "comity measure offer"),
        (("backup", "verify"), "FILE is missing", "comity backup verify"),
        (("backup", "verify", "nowhere"), "FILE: nowhere is not there, is of another kind or cannot be read",
         "comity backup verify"),
        (("node", "run", "--port", "x"), "--port is a whole number", "comity node run"),
        (("consult", "convene", "--by", "owl"), "--by is one of: ", "comity consult convene"),
        (("consult", "convene", "--in", "5x"), "--in: write a span like 30s, 15m, 24h or 3d", "comity consult convene"),
        (("pact", "show", "a", "b", "c", "d"), "more words than it takes: c d", "comity pact show"),
        (("status", "--home"), "--home takes a value", "comity"),
    ],
)  # fmt: skip
def test_a_command_line_that_is_not_understood_is_told_in_one_phrase(
    arguments: tuple[str, ...], error: str, command: str, comity: Run
) -> None:
    """What is wrong with what was typed, and where to look; in the reader's words, not in a library's."""
    status, out, err = comity(*arguments)
    assert (status, out) == (2, "")
    first, hint = err.splitlines()
    assert first.startswith(f"comity: error: {error}")
    assert hint == f"comity: hint: {command} --help shows what it takes [cli.usage]"


def test_what_is_wrong_with_a_command_line_is_translated() -> None:
    """No word of it is left in English, but for what was typed."""
    said = start_comity("--lang", "ja", "measure", "offer").stderr
    assert "--actor がありません" in said
    assert "missing" not in said


def test_help_shows_whole_lines_in_chapters(comity: Run) -> None:
    """The way out of trouble first, the watch before what is set up once, every command once, and none cut short."""
    status, out, _ = comity("--help")
    assert status == 0
    assert "..." not in out.partition("In trouble: comity doctor")[2]
    chapters = [line for line in out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert chapters == [
        "Options:",
        "On watch:",
        "Keep it running:",
        "Officers:",
        "Other systems:",
        "Set up:",
        "Prove, rehearse, look up:",
    ]
    shown = [line.split()[0] for line in out.splitlines() if line.startswith("  ") and line[2:3].islower()]
    named = sorted(name for name in shown if name in commands.commands)
    assert named == commands.list_commands(click.Context(commands))
    for group in ("measure", "backup", "pact", "standby"):
        assert "..." not in comity(group, "--help")[1].partition("Commands:")[2]


def test_the_words_around_the_help_are_translated() -> None:
    """Headings, and the notes behind an option."""
    japanese = (
        start_comity("--lang", "ja", "consult", "ack", "--help").stdout
        + start_comity("--lang", "ja", "measure", "offer", "--help").stdout
    )
    for word in ("Usage:", "Options:", "Show this message", "[default", "required"):
        assert word not in japanese
    for word in ("使い方:", "オプション:", "既定値: watch-officer", "必須"):
        assert word in japanese


def test_an_error_of_another_party_exits_with_3(tmp_path: Path) -> None:
    """Bytes that are no bundle are their writer's fault."""
    (tmp_path / "bundle").write_bytes(b"COMITYB1 and then nothing that is a frame")
    done = start_comity("audit", tmp_path / "bundle")
    assert (done.returncode, "bundle.malformed" in done.stderr) == (3, True)


def test_with_json_an_error_is_json_on_standard_output() -> None:
    """A script reads one stream: code, words, hint and details."""
    for arguments in (("pact", "check", "not-there.toml"), ("pact", "chek")):
        done = start_comity(*arguments, "--json")
        problem = json.loads(done.stdout)
        assert done.returncode == 2
        assert set(problem) == {"error", "says", "hint", "details"}
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "language", "says"),
    [
        (("--lang", "en"), "ja", "an earlier page of this journal is not here yet"),
        (("--lang=ja",), "en", "このジャーナルのより前のページがまだ届いていません"),
        ((), "ko", "이 저널의 앞 페이지가 아직 도착하지 않았습니다"),
    ],
)
def test_three_languages(arguments: tuple[str, ...], language: str, says: str) -> None:
    """By option, with and without an equals sign, which goes before the environment; else by the environment."""
    assert says in start_comity(*arguments, "explain", "page.gap", language=language).stdout


def test_help_is_translated() -> None:
    """Help texts are fixed when commands are defined, after the language was chosen."""
    japanese = start_comity("--lang", "ja", "account", "--help")
    assert japanese.returncode == 0
    assert "公開の証拠" in japanese.stdout


def test_explain_prints_a_row_of_the_catalogue(comity: Run) -> None:
    """What the code says, what to do, whose move is next, and both statuses."""
    status, out, _ = comity("explain", "page.gap")
    row = CODES["page.gap"]
    assert status == 0
    assert row.says in out
    assert row.hint in out
    assert "422" in out


def test_explain_lists_all_codes(comity: Run) -> None:
    """Without a code all are listed."""
    status, out, _ = comity("explain")
    assert status == 0
    assert all(name in out for name in CODES)


def test_an_unknown_code_is_answered_with_those_near_it(comity: Run) -> None:
    """Not with a table of all of them."""
    status, out, _ = comity("explain", "page.forkd")
    assert status == 2
    assert out.startswith("There is no code page.forkd. Near it: page.forked, ")
    assert len(out.splitlines()) == 2


def test_what_is_no_error_is_explained_too(comity: Run) -> None:
    """Every code that the guides name: findings of the audit and the verifier, alarms, events of the log."""
    for code, said in (
        ("tail.lost", "HOLDER lacks page NUMBER of JOURNAL, which it once had"),
        ("page.missing", "a signed head names a page that is not here"),
        ("alarm.fork", "a party signed two different pages of one number"),
        ("link.down", "a peer's outbox is not reached"),
    ):
        status, out, _ = comity("explain", code)
        assert (status, said in out) == (0, True), code
    source = Path(__file__).parents[2]
    raised = {
        found
        for path in (source / "src" / "comity").rglob("*.py")
        for found in re.findall(r'"(alarm\.(?!(?:toml|html)")[a-z-]+)"', path.read_text(encoding="utf-8"))
    }
    verifier = (source / "verifier" / "verify.py").read_text(encoding="utf-8")
    judged = {f"page.{name}" for name in ("forked", "disputed", "disowned", "missing", "no-key")}
    assert len(raised) > 10
    assert judged <= set(re.findall(r"page\.[a-z-]+", verifier)) | {"page.disputed", "page.disowned"}
    for code in {*raised, *judged, *FINDING_MESSAGES, *EVENTS}:
        assert comity("explain", code)[0] == 0, code


def test_no_control_character_reaches_the_terminal(tmp_path: Path, comity: Run) -> None:
    """A file's name and content cannot steer the terminal: escapes and changes of direction are replaced."""
    path = tmp_path / "a\x1b[31mb\u202e.toml"
    path.write_text('[pact]\n"key\\u001b[2J" = 1\n')
    status, out, err = comity("pact", "check", path)
    assert status == 1
    assert not {"\x1b", "\u202e"} & set(out + err)
