"""Compiled templates are kept beside their sources, and never stand in for others."""

import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from comity.console.compiled import CompiledTemplates
from kit.api import Apis
from kit.console import Browser


def _say(folder: Path, source: str, *, settings: dict[str, object] | None = None) -> str:
    cache = CompiledTemplates(folder, settings or {})
    return (
        Environment(loader=DictLoader({"x": source}), bytecode_cache=cache, autoescape=True).get_template("x").render()
    )


def _list_kept(folder: Path) -> list[Path]:
    return sorted((folder / "__pycache__").glob("*"))


@pytest.fixture(autouse=True)
def _keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_what_is_kept_is_used_and_is_its_sources_alone(tmp_path: Path) -> None:
    """The second start reads what the first kept; another source, or other settings, have their own."""
    assert _say(tmp_path, "one") == "one"
    (kept,) = _list_kept(tmp_path)
    before = kept.stat().st_mtime_ns
    assert _say(tmp_path, "one") == "one"
    assert kept.stat().st_mtime_ns == before
    assert _say(tmp_path, "two") == "two"
    assert _say(tmp_path, "two", settings={"trim_blocks": True}) == "two"
    assert len(_list_kept(tmp_path)) == 2


@pytest.mark.parametrize("cut", [0, 3, 20, 60])
def test_torn_bytes_are_as_if_there_were_none(tmp_path: Path, cut: int) -> None:
    """The template is compiled from its source, and kept anew."""
    _say(tmp_path, "one")
    (kept,) = _list_kept(tmp_path)
    whole = kept.read_bytes()
    kept.write_bytes(whole[:cut])
    assert _say(tmp_path, "one") == "one"
    assert kept.read_bytes() == whole


def test_nothing_is_kept_where_nothing_can_or_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder to write in is no fault, and who wants nothing compiled kept gets nothing."""
    assert _say(tmp_path / "none", "one") == "one"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert _say(tmp_path, "one") == "one"
    assert not (tmp_path / "__pycache__").exists()


def test_a_node_that_starts_again_reads_its_templates_and_not_what_is_kept_of_them(apis: Apis) -> None:
    """What lies beside the templates is none of them."""
    Browser(apis)
    for _ in range(2):
        for look in apis.desks["USA"].looks:
            apis.run(look())
