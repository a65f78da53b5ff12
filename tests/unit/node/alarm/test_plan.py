"""`alarm.toml`: what it may say, and what a node makes of a damaged one (docs/guide/alarm.md)."""

from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.base.instants import MINUTE_MS, Instant
from comity.node.alarm.ladder import Rung, find_called, find_ladder, find_unknown_roles
from comity.node.alarm.plan import ALARM_FILE, Plan, PlanBook, Quiet, parse_plan
from comity.node.officers import Book, OfficerBook, Shift
from comity.pact.offices import Offices
from comity.pact.parse import parse_pact
from kit.loop import read_profile
from kit.releasing import NOW

WHOLE = """
quiet = { from = "22:00", until = "06:00" }

[[step]]
after_s = 0
roles = ["watch-officer"]
callouts = ["pager"]

[[step]]
after_s = 120
roles = ["director", "duty-officer"]
callouts = ["pager", "mail", "sms", "push"]
off_duty = true

[[callout]]
name = "pager"
kind = "command"
argv = ["/usr/local/bin/page", "--urgent"]

[[callout]]
name = "mail"
kind = "smtp"
host = "mail.example"
sender = "comity@mail.example"
to = ["watch@mail.example"]
user = "comity"
password_file = "mail.password"

[[callout]]
name = "sms"
kind = "webhook"
url = "https://sms.example/send"
secret_file = "sms.secret"
names_officers = true

[[callout]]
name = "push"
kind = "push"
url = "https://push.example"
topic = "usa-watch"
"""


def test_a_whole_plan_is_read() -> None:
    """Steps in order, each with roles and call-outs; four kinds of call-outs."""
    plan = parse_plan(WHOLE.encode())
    assert [type(row).__name__ for row in plan.callout] == ["Command", "Mail", "Webhook", "Push"]
    assert find_ladder(plan, None, ()) == (
        Rung(0, ("watch-officer",), ("pager",)),
        Rung(2 * MINUTE_MS, ("director", "duty-officer"), ("pager", "mail", "sms", "push"), off_duty=True),
    )


@pytest.mark.parametrize(
    ("changed", "to", "why"),
    [
        ("after_s = 0", "after_s = 5", "the first is at once"),
        ("after_s = 120", "after_s = 0", "each later one later"),
        ('callouts = ["pager"]', 'callouts = ["nobody"]', "there is no callout nobody"),
        ('name = "mail"', 'name = "pager"', "twice"),
        ('"/usr/local/bin/page"', '"page"', "whole path"),
        ("https://sms.example/send", "http://sms.example/send", "https"),
        ("https://sms.example/send", "https://u:p@sms.example/send", "without a user"),
        ("https://push.example", "ftp://push.example", "https"),
        ("https://push.example", "https://push.example:99999", "not an address"),
        ('topic = "usa-watch"', 'topic = "../admin"', "topic"),
        ('secret_file = "sms.secret"', 'secret_file = "../token"', "secret_file"),
        ('secret_file = "sms.secret"', "", "secret_file"),
        ('user = "comity"', "", "both or none"),
        ('sender = "comity@mail.example"', r'sender = "a@b\nBcc: c@d"', "sender"),
        ('host = "mail.example"', 'host = "mail.example"\nsecurity = "none"', "loopback"),
        ('from = "22:00"', 'from = "24:00"', "from"),
        ('kind = "command"', 'kind = "shell"', "shell"),
        ("[[step]]", "surprise = 1\n[[step]]", "surprise"),
        ("[[step]]", "[[[", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_place(changed: str, to: str, why: str) -> None:
    """Each with what is wrong; nothing is guessed."""
    assert changed in WHOLE
    with pytest.raises(UsageError) as refused:
        parse_plan(WHOLE.replace(changed, to, 1).encode())
    assert refused.value.code == "callout.plan-malformed"
    assert why in str(refused.value.details["why"])


@pytest.mark.parametrize("raw", [b"\xff", b"#" * 70_000, b"a" * 100 + b"." * 1000, b"x = " + b"[" * 5000])
def test_bytes_that_are_no_plan(raw: bytes) -> None:
    """Neither too much nor too deep of it is read."""
    with pytest.raises(UsageError):
        parse_plan(raw)


@pytest.mark.parametrize(
    ("clock", "is_quiet"), [("22:00", True), ("23:59", True), ("05:59", True), ("06:00", False), ("21:59", False)]
)
def test_quiet_hours_go_over_midnight(clock: str, is_quiet: bool) -> None:
    """From the first minute until before the last."""
    assert Quiet("22:00", "06:00").holds_at(clock) is is_quiet
    assert not Quiet("12:00", "13:00").holds_at(clock)


def test_a_damaged_file_changes_nothing_and_is_said_once(tmp_path: Path) -> None:
    """The node goes on by what it had; a file that is mended, or gone, holds at once."""
    said: list[str] = []
    book = PlanBook(tmp_path, complain=said.append)
    assert book.read() == Plan()
    (tmp_path / ALARM_FILE).write_text(WHOLE)
    whole = book.read()
    assert len(whole.step) == 2
    (tmp_path / ALARM_FILE).write_text("broken = ")
    assert [book.read(), book.read()] == [whole, whole]
    assert len(said) == 1
    assert book.fault == said[0]
    (tmp_path / ALARM_FILE).write_text("\n" + WHOLE)
    assert (book.read(), book.fault) == (whole, "")
    (tmp_path / ALARM_FILE).unlink()
    assert book.read() == Plan()


@pytest.fixture(scope="module")
def offices() -> Offices:
    """Those of the default pact: the watch stands in for its director, the director for the adviser."""
    found = parse_pact(read_profile("camp-david", has_offices=True)).offices
    assert found is not None
    return found


def test_without_a_plan_the_ladder_follows_from_the_pact(offices: Offices) -> None:
    """On duty, then off duty, then above: whoever those called before may stand in for."""
    ladder = find_ladder(Plan(), offices, {"watch-officer", "duty-officer"})
    assert [(rung.wait_ms // MINUTE_MS, rung.roles, rung.off_duty) for rung in ladder] == [
        (0, ("duty-officer", "watch-officer"), False),
        (2, ("duty-officer", "watch-officer"), True),
        (5, ("director",), True),
        (10, ("national-security-adviser",), True),
    ]
    assert len(find_ladder(Plan(), None, {"watch-officer"})) == 2


def _book(*shifts: Shift) -> Book:
    book = OfficerBook()
    for name, role in (("w1", "watch-officer"), ("w2", "watch-officer"), ("d1", "director")):
        book.add(name, (role,), at=Instant(NOW - 10 * MINUTE_MS))
    book.add("gone", ("watch-officer",), at=Instant(NOW - 10 * MINUTE_MS))
    book.revoke("gone", at=Instant(NOW - 1))
    book.change(lambda held: Book(officers=held.officers, shifts=shifts))
    return book.read()


def test_who_is_on_duty_is_called_and_no_one_who_left(offices: Offices) -> None:
    """By the roster; where a role never has a shift, whoever holds it; off duty too where the step says so."""
    watch = Rung(0, ("watch-officer",))
    on = Shift("w1", "watch-officer", Instant(NOW - 5), Instant(NOW + 5))
    left = Shift("gone", "watch-officer", Instant(NOW - 5), Instant(NOW + 5))
    assert find_called(watch, _book(on, left), offices, at=NOW) == ("w1",)
    assert find_called(watch, _book(), offices, at=NOW) == ("w1", "w2")
    assert find_called(watch._replace(off_duty=True), _book(on), offices, at=NOW) == ("w1", "w2")


def test_a_vacant_office_is_called_in_its_deputies(offices: Offices) -> None:
    """Once nobody on duty has been director for a quarter of an hour, the watch stands in."""
    rung = Rung(0, ("director",))
    past = Shift("d1", "director", Instant(NOW - 60 * MINUTE_MS), Instant(NOW - 16 * MINUTE_MS))
    just = Shift("d1", "director", Instant(NOW - 60 * MINUTE_MS), Instant(NOW - 14 * MINUTE_MS))
    assert find_called(rung, _book(past), offices, at=NOW) == ("w1", "w2")
    assert find_called(rung, _book(just), offices, at=NOW) == ()
    assert find_called(rung, _book(past), None, at=NOW) == ()


def test_a_role_that_the_pact_lacks_is_named(offices: Offices) -> None:
    """Nothing is refused for it, and `comity alarm` and the page say so."""
    plan = parse_plan(WHOLE.replace("duty-officer", "night-owl").encode())
    assert find_unknown_roles(plan, offices) == ("night-owl",)
    assert find_unknown_roles(plan, None) == ()
