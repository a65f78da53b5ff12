"""Where a passphrase comes from: what is given, a credential's file, the environment, in this order."""

from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.node.home import open_home
from kit.released import PASSPHRASE, REALM, unpack_home


def test_a_supervisor_hands_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file wins over the variable; a line feed at its end is none of it."""
    home = unpack_home(tmp_path)
    (tmp_path / "credential").write_text(PASSPHRASE + "\n")
    monkeypatch.setenv("COMITY_PASSPHRASE", "something else")
    monkeypatch.setenv("COMITY_PASSPHRASE_FILE", str(tmp_path / "credential"))
    assert open_home(home).find_realms() == (REALM,)
    assert open_home(home, passphrase=b"given").passphrase == b"given"
    monkeypatch.setenv("COMITY_PASSPHRASE_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match=r"file\.unreadable"):
        open_home(home)
    monkeypatch.delenv("COMITY_PASSPHRASE_FILE")
    assert open_home(home).passphrase == b"something else"
