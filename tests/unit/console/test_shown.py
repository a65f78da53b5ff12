"""What the dialog before signing says of what a statement names, and of the role in which it may be said."""

from comity.api.form import parse_form
from comity.api.titles import PactTitles
from comity.console.shown import QUOTED_SIZE, show_entry
from comity.machine.funnel import decode_known
from comity.node.officers import OfficerBook
from comity.procedure.act import find_act
from kit.api import Apis
from kit.console import Browser, read
from kit.officers import have_officers
from kit.talk import FIRST, Play


def _show(apis: Apis, **form: object) -> list[tuple[str, str]]:
    """The lines of all fields, each with its language."""
    desk = apis.desks["USA"]
    rows = show_entry(desk, parse_form(form), PactTitles(desk.node.machine)).rows
    return [line for row in rows for line in row.lines]


def test_a_measure_and_a_text_are_quoted_and_not_only_named(apis: Apis, play: Play) -> None:
    """How they begin, in each language that they have; an id beside it, since that is what is signed."""
    call = play.call("KOR")
    offered = play.offer("JPN", call, play.terms("JPN"))
    lines = _show(apis, type="MeasureAccepted", measure=offered, terms=offered)
    assert ("en", "The patrol.") in lines
    text, version = play.text(call, FIRST)
    lines = _show(apis, type="TextAgreed", text=text, version=version, role="director", officer="usa-operator")
    assert ("ja", FIRST["ja"]) in lines
    assert version[:16] in "".join(line for _, line in lines)
    lines = _show(apis, type="TextAgreed", text=text, version="00" * 32, role="director", officer="usa-operator")
    assert lines.count(("ja", FIRST["ja"])) == 1, "of a version that is not here nothing is quoted"


def test_what_is_long_is_cut(apis: Apis, play: Play) -> None:
    """It says so."""
    call = play.call("KOR")
    text, _ = play.text(call, {"en": "word " * QUOTED_SIZE})
    lines = dict(_show(apis, type="TextAgreed", text=text, version="00" * 32, role="director", officer="usa-operator"))
    assert lines["en"].endswith("word …")
    assert len(lines["en"]) <= QUOTED_SIZE + 2


def test_what_carries_no_role_says_by_which_it_is_permitted(apis: Apis, play: Play) -> None:
    """By a role that the officer holds and the pact lets say it; the realm's own token holds none."""
    call = play.call("KOR")
    offered = play.offer("JPN", call, play.terms("JPN"), "USA")
    act = find_act(parse_form({"type": "MeasureAccepted", "measure": offered, "terms": offered}), decode_known)
    node = apis.nodes["USA"]
    terms = node.machine.versions.find_offices(node.machine.parties)
    assert terms is not None
    assert act is not None
    role = min(terms.offices.find_permitted(act)[1])
    with have_officers(node, {"usa-m": ("auditor", role)}) as tokens:
        browser = Browser(apis)
        browser.sign_in(tokens["usa-m"])
        asked = browser.submit(browser.get(f"/consultations/{call}"), f"/measures/{offered}/accept")
        assert "the statement itself says no role" in read(asked)
    assert node.officers.read() == OfficerBook().read()
