"""The reference of commands is what the commands say of themselves."""

import importlib.util
from pathlib import Path


def test_the_page_of_commands_is_true() -> None:
    """`make commands` writes it anew."""
    path = Path(__file__).with_name("write_commands.py")
    spec = importlib.util.spec_from_file_location("write_commands", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = module.format_page()
    assert "`comity backup make FILE|FOLDER`" in page
    assert module.PAGE.read_text(encoding="utf-8") == page, "run `make commands`"
