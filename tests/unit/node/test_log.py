"""The log says what happened by stable codes, and has no field for what anybody said."""

import ast
import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from comity.node.log import EVENTS, JsonLines, note, open_log

CANARY = "the heron stands at the north gate"
SOURCE = Path(__file__).parents[3] / "src" / "comity"


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A log of its own; the program's is put back afterwards."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    return io.StringIO()


def _rows(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def _raise(text: str) -> None:
    raise ValueError(text)


def test_an_event_is_one_line_with_its_code_and_fields(stream: io.StringIO) -> None:
    """JSON: instant, level, event, what it says, the fields by name."""
    open_log(stream, format_="json", level="info")
    note("node.started", party="JPN", realm="exercise/kit", pages=25, took_ms=3, port=8080)
    note("blob.awaited", code="link.no-answer")  # graver than debug is wanted
    (row,) = _rows(stream)
    assert row.pop("at").endswith("Z")
    assert row == {
        "level": "info", "event": "node.started", "says": "the node runs", "party": "JPN", "realm": "exercise/kit",
        "pages": 25, "took_ms": 3, "port": 8080,
    }  # fmt: skip


def test_the_text_form_says_the_same(stream: io.StringIO) -> None:
    """For a person at a terminal."""
    open_log(stream, format_="text", level="warning")
    note("link.down", party="KOR", why="link.refused-pin")
    line = stream.getvalue().strip()
    assert line.endswith("warning link.down: a peer's outbox is not reached (party KOR, why link.refused-pin)")


def test_what_ends_a_trouble_is_logged_as_gravely(stream: io.StringIO) -> None:
    """Whoever reads warnings only is told that the link is up again, and not of each that comes up untroubled."""
    open_log(stream, format_="text", level="warning")
    note("link.up", party="KOR")
    assert stream.getvalue() == ""
    note("link.up", party="KOR", is_end=True)
    assert stream.getvalue().strip().endswith("warning link.up: a peer's outbox is reached (party KOR)")


def test_an_error_is_its_type_and_its_places_never_its_words(stream: io.StringIO) -> None:
    """What an error says may quote what was being said."""
    open_log(stream, format_="json", level="info")
    try:
        _raise(CANARY)
    except ValueError as error:
        note("api.failed", error)
    (row,) = _rows(stream)
    assert row["error"] == "ValueError"
    assert any("test_log.py" in frame and frame.endswith(" _raise") for frame in row["trace"])
    assert CANARY not in stream.getvalue()


def test_what_a_library_logs_is_its_logger_and_place_only(stream: io.StringIO) -> None:
    """Asyncio writes an exception with its arguments; uvicorn's fixed wording is kept without what fills it."""
    open_log(stream, format_="json", level="info")
    logging.getLogger("asyncio").error("Task exception was never retrieved: %r", CANARY)
    logging.getLogger("some.library").warning(f"got {CANARY}")  # noqa: G004 -- as libraries do
    logging.getLogger("uvicorn.error").error("cannot listen on %s", CANARY)
    rows = _rows(stream)
    assert [row["event"] for row in rows] == ["log.foreign"] * 3
    assert [row["logger"] for row in rows] == ["asyncio", "some.library", "uvicorn.error"]
    assert rows[2]["words"] == "cannot listen on %s"
    assert "words" not in rows[0] | rows[1]
    assert CANARY not in stream.getvalue()


def test_a_field_holds_a_code_or_a_number_and_nothing_longer(stream: io.StringIO) -> None:
    """A text that came from outside cannot pass as a code; nor can a line be broken."""
    open_log(stream, format_="json", level="info")
    for value in ("x" * 300, "a\nb", "비밀", '"'):
        note("node.stopped", code=value)
    assert {row["code"] for row in _rows(stream)} == {"unfit"}
    with pytest.raises(AssertionError):
        note("node.stopped", text=CANARY)


def test_every_event_is_logged_somewhere_and_none_past_the_table() -> None:
    """The codes are stable because they stand in one table; nothing in the product logs by another way."""
    noted: set[str] = set()
    unknown: set[str] = set()
    others: list[str] = []
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "note":
                noted |= {row.value for row in ast.walk(node) if isinstance(row, ast.Constant) and row.value in EVENTS}
                first = node.args[0]
                is_of_log = "from comity.node.log import" in text
                if is_of_log and isinstance(first, ast.Constant) and first.value not in EVENTS:
                    unknown.add(f"{path.name}:{node.lineno}: {first.value!r} is no row of comity.node.log.EVENTS")
            if isinstance(node, ast.Attribute) and node.attr in ("warning", "exception", "critical", "basicConfig"):
                owner = node.value
                if isinstance(owner, ast.Name) and owner.id in ("logging", "_log", "log", "logger"):
                    others.append(f"{path.name}:{node.lineno}: write note() with a row of comity.node.log.EVENTS")
    assert set(EVENTS) - noted == {"log.foreign"}
    assert (unknown, others) == (set(), [])


def test_the_formatter_takes_any_record() -> None:
    """A record of whatever make: arguments that do not fit its words are no error in the log."""
    record = logging.LogRecord("uvicorn", logging.ERROR, "x.py", 1, "%s %s", ("one",), None)
    assert json.loads(JsonLines().format(record))["words"] == "%s %s"
