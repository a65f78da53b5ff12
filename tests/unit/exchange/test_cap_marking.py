"""An alert is marked before it is kept, and only into the realm that its status names."""

import tomllib
from typing import Any

import pytest

from comity.base.errors import UsageError
from comity.exchange.cap import Alert
from comity.exchange.cap_marking import check_status, is_public, mark_alert
from comity.pact.model import Pact
from comity.pact.parse import check_pact, parse_pact
from comity.procedure.entry import Marking
from kit.loop import read_profile

ROWS = """
[[warning]]
id = "policy.warning-coast"
scope = "restricted"
restriction = "Coast guards only"
levels = ["JPN-HI", "KOR-III"]
topics = ["maritime"]
caveats = ["ORCON"]

[[warning]]
id = "policy.warning-watch-jpn"
scope = "private"
address = "watch@jpn.test"
party = "JPN"
levels = ["KOR-DAEOEBI", "USA-CUI"]
topics = ["maritime"]

[[warning]]
id = "policy.warning-watch-usa"
scope = "private"
address = "watch@usa.test"
party = "USA"
levels = ["KOR-III"]
topics = ["defence"]
"""


def _pact(rows: str = ROWS) -> Pact:
    return parse_pact(read_profile("camp-david") + rows.encode())


def _alert(**given: Any) -> Alert:
    fields = {"identifier": "a", "sender": "s", "sent": "2026-11-26T10:00:00-00:00", "status": "Actual",
              "message_type": "Alert", "scope": "Public"}  # fmt: skip
    return Alert(**{**fields, **given})


@pytest.mark.parametrize(
    ("status", "realm", "may"),
    [
        ("Actual", "real", True), ("Exercise", "real", False), ("Test", "real", False), ("System", "real", False),
        ("Draft", "real", False), ("Actual", "exercise/fe", False), ("Exercise", "exercise/fe", True),
        ("Test", "exercise/fe", True), ("System", "exercise/fe", False), ("Draft", "exercise/fe", False),
    ],
)  # fmt: skip
def test_no_alert_crosses_between_realms(status: str, realm: str, may: bool) -> None:
    """What is for an exercise never comes into realm real, nor the other way round."""
    if may:
        check_status(_alert(status=status), realm)
        return
    with pytest.raises(UsageError) as caught:
        check_status(_alert(status=status), realm)
    assert caught.value.code == "cap.other-realm"


def test_a_public_alert_has_the_pacts_open_level_or_what_its_officer_says() -> None:
    """Each party's own level; an officer's marking stands; without a row nothing is assumed."""
    for party, level in (("JPN", "JPN-OPEN"), ("KOR", "KOR-OPEN"), ("USA", "USA-U")):
        marking = mark_alert(_alert(), pact=_pact(), party=party, given=None)
        assert marking == Marking(party, party, level, ("public-message",), ())
        assert is_public(marking, _pact())
    given = Marking("JPN", "JPN", "JPN-HI", ("maritime",), ())
    assert mark_alert(_alert(), pact=_pact(), party="JPN", given=given) == given
    assert not is_public(given, _pact())
    bare = read_profile("camp-david").decode().partition("[[warning]]")[0].encode()
    with pytest.raises(UsageError) as caught:
        mark_alert(_alert(), pact=parse_pact(bare), party="JPN", given=None)
    assert caught.value.code == "cap.no-mapping"


def test_a_restriction_is_never_widened() -> None:
    """By the row for exactly these words; an officer narrows it and can't loosen it; other words are refused."""
    alert = _alert(scope="Restricted", restriction="Coast guards only")
    marking = mark_alert(alert, pact=_pact(), party="JPN", given=None)
    assert marking == Marking("JPN", "JPN", "JPN-HI", ("maritime",), ("ORCON",))
    loose = Marking("JPN", "JPN", "JPN-OPEN", ("public-message",), ())
    assert mark_alert(alert, pact=_pact(), party="JPN", given=loose) == Marking(
        "JPN", "JPN", "JPN-HI", ("maritime", "public-message"), ("ORCON",)
    )
    strict = Marking("JPN", "JPN", "JPN-GOKUHI", ("maritime",), ("NOFORN",))
    narrowed = mark_alert(alert, pact=_pact(), party="JPN", given=strict)
    assert (narrowed.level, narrowed.caveats) == ("JPN-GOKUHI", ("NOFORN", "ORCON"))
    for other in (_alert(scope="Restricted", restriction="coast guards only"), alert):
        with pytest.raises(UsageError) as caught:
            mark_alert(other, pact=_pact(), party="USA", given=loose)
        assert caught.value.code == "cap.no-mapping"


def test_a_private_alert_goes_to_its_addressees_and_no_further() -> None:
    """Every addressee needs a row; the caveat lists those reached; the strictest level of the rows counts."""
    alert = _alert(scope="Private", addresses="watch@jpn.test watch@usa.test")
    marking = mark_alert(alert, pact=_pact(), party="KOR", given=None)
    assert marking == Marking("KOR", "KOR", "KOR-III", ("defence", "maritime"), ("REL TO JPN, USA",))
    one = mark_alert(_alert(scope="Private", addresses="watch@jpn.test"), pact=_pact(), party="USA", given=None)
    assert (one.level, one.caveats) == ("USA-CUI", ("REL TO JPN",))
    # Addressed to the importing party alone: to no other.
    rows = ROWS.replace('levels = ["KOR-DAEOEBI"', 'levels = ["JPN-CHUI", "KOR-DAEOEBI"')
    own = mark_alert(_alert(scope="Private", addresses="watch@jpn.test"), pact=_pact(rows), party="JPN", given=None)
    assert own.caveats == ("NATIONAL EYES ONLY",)
    with pytest.raises(UsageError) as caught:
        mark_alert(_alert(scope="Private", addresses="watch@jpn.test x@y"), pact=_pact(), party="KOR", given=None)
    assert caught.value.code == "cap.no-mapping"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('["JPN-HI", "KOR-III"]', '["JPN-HI", "JPN-CHUI"]', "pact.warning"),
        ('restriction = "Coast guards only"\n', "", "pact.warning"),
        ('address = "watch@usa.test"', 'address = "watch@jpn.test"', "pact.warning"),
        ('party = "USA"\n', "", "pact.warning"),
        ('scope = "restricted"', 'scope = "public"', "pact.warning"),
        ('["KOR-DAEOEBI", "USA-CUI"]', '["KOR-DAEOEBI", "USA-NONE"]', "pact.reference"),
        ('topics = ["defence"]', 'topics = ["weather"]', "pact.reference"),
        ('party = "JPN"', 'party = "PRK"', "pact.reference"),
    ],
)
def test_a_row_that_contradicts_itself_is_found(old: str, new: str, code: str) -> None:
    """Two levels of one party, no restriction, an address twice, a public row above the lowest level, loose ends."""
    raw = read_profile("camp-david").decode() + ROWS.replace(old, new, 1)
    tomllib.loads(raw)
    found = check_pact(raw.encode())
    assert found
    assert {finding.code for finding in found} == {code}
