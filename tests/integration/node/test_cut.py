"""With one link cut, what is said to all goes round by the third party; a bilateral waits and says so."""

import pytest

from comity.cli.demo.stage import Stage
from kit.patience import wait
from kit.stage import Teller, lay_cables

pytestmark = pytest.mark.server


def test_with_usa_and_kor_cut_japan_relays_and_the_bilateral_says_no_path(stage: Stage) -> None:
    """Issue 2, must show. Nobody's help is needed after healing either."""
    teller = Teller(stage)
    with lay_cables(stage, "USA", "KOR") as cables, stage.running():
        before = teller.insist("USA")
        wait(lambda: teller.is_at("KOR", before))
        wait(lambda: _find_links(teller, "USA") == {"JPN": True, "KOR": True})
        for cable in cables:
            cable.set_cut(is_cut=True)
        wait(lambda: _find_links(teller, "USA") == {"JPN": True, "KOR": False})
        wait(lambda: _find_links(teller, "KOR") == {"JPN": True, "USA": False})
        to_all, to_kor = teller.insist("USA"), teller.insist("USA", "KOR")
        from_kor = teller.insist("KOR")
        wait(lambda: teller.is_at("KOR", to_all))
        wait(lambda: teller.is_at("USA", from_kor))
        wait(lambda: _find_paths(teller, "KOR", "USA") == {"no-path"})
        assert "no-path" not in _find_paths(teller, "JPN", "KOR", "USA")
        assert not teller.is_at("KOR", to_kor)
        for cable in cables:
            cable.set_cut(is_cut=False)
        wait(lambda: teller.is_at("KOR", to_kor))
        wait(lambda: not _find_paths(teller, "KOR", "USA"))
        assert not teller.is_at("JPN", to_kor)


def _find_links(teller: Teller, party: str) -> dict[str, bool]:
    return {link["party"]: link["is_up"] for link in teller.status(party)["links"]}


def _find_paths(teller: Teller, *audience: str) -> set[str]:
    """How USA's unconfirmed pages to an audience stand: `waiting` or `no-path`; none where all is confirmed."""
    rows = teller.status("USA")["unconfirmed"]
    return {row["path"] for row in rows if row["audience"] == list(audience)}
