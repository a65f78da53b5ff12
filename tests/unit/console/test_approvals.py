"""What takes two officers, on the screens of both: one digest, one confirmation, stated once (ADR 0040, 0061)."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comity.base.instants import Instant
from comity.console import app
from comity.console.session import FRESH_S, Sessions
from comity.console.signing import propose
from comity.console.watch_pages import make_watch
from comity.node.approvals import HELD_MS, Approvals
from comity.node.officers import OfficerBook
from comity.procedure.call import ConsultationCalled
from kit.api import TOKEN, Apis
from kit.console import Browser, Clock, find_forms
from kit.stage import CALL

ROLES = {"adviser": "national-security-adviser", "director": "director", "auditor": "auditor"}
LEADERS = CALL | {"level": "leaders"}


class Crew:
    """Officers of the USA, each at a browser of his own."""

    def __init__(self, apis: Apis) -> None:
        self.apis, self.clock = apis, Clock()
        node = apis.nodes["USA"]
        book, first = OfficerBook(), Browser(apis, sessions=Sessions(clock=self.clock))
        tokens = {name: book.add(f"usa-{name}", (role,), at=Instant(node.now() - 1)) for name, role in ROLES.items()}
        node.officers, self.own = book, first
        first.sign_in()
        self.at = {name: Browser(apis, like=first, language="ja" if name == "director" else "en") for name in tokens}
        for name, token in tokens.items():
            assert self.at[name].sign_in(token).status_code == 303

    def ask(self, kind: str) -> tuple[str, httpx.Response]:
        """Have the adviser ask for a call at leaders' level; return its digest and what was confirmed."""
        browser = self.at["adviser"]
        form = find_forms(browser.get("/").text)["/lock"] | {"kind": kind}
        shown = browser.post("/try/call", form)
        answer = browser.submit(shown, "/try/call")
        assert answer.status_code == 303, answer.text
        (digest,) = re.findall(r"^/approvals/([0-9a-f]{64})/waiting$", answer.headers["location"])
        assert "Waits for another officer" in browser.get(answer.headers["location"]).text
        return digest, shown

    def find_calls(self, kind: str) -> list[Any]:
        """Return the calls of this kind that stand on the record."""
        rows: list[Any] = list(self.apis.nodes["USA"].machine.statements.find(ConsultationCalled))
        return [row for row in rows if row.author == "USA" and row.entry.kind == kind]


@pytest.fixture
def crew(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """Three officers, at a console that can call at leaders' level."""

    def make(pages: Any, desk: Any, acts: Any) -> list[Any]:
        call = acts.make(
            "/try/call", lambda _visit, fields, _role: propose(desk, LEADERS | {"kind": fields.get("kind")})
        )
        return [*make_watch(pages, desk, acts), *call]

    monkeypatch.setattr(app, "make_watch", make)
    yield Crew(apis)
    apis.nodes["USA"].officers, apis.nodes["USA"].approvals = OfficerBook(), Approvals()


def _find_shown(page: httpx.Response) -> list[str]:
    """Return what a confirmation says of what will be signed."""
    return re.findall(r'<section class="signed">.*?</section>', page.text, re.DOTALL)


def test_the_second_officer_sees_what_the_first_saw(crew: Crew) -> None:
    """Under the same digest, field by field; approving states it, and whoever asked learns that it is."""
    digest, first = crew.ask("disaster")
    other = crew.at["director"]
    assert f'href="/approvals/{digest}"' in other.get("/").text
    other.submit(other.get("/"), "/preferences", language="en", back="/")
    page = other.get(f"/approvals/{digest}")
    assert _find_shown(page) == _find_shown(first) != []
    assert digest[:32] in page.text
    answer = other.submit(page, f"/approvals/{digest}")
    assert answer.headers["location"].startswith("/?signed=")
    (call,) = crew.find_calls("disaster")
    assert call.id.hex().startswith(answer.headers["location"].partition("=")[2])
    assert call.id.hex()[:16] in crew.at["adviser"].get(f"/approvals/{digest}/now").text
    assert f'href="/approvals/{digest}"' not in other.get("/").text
    assert other.submit(page, f"/approvals/{digest}").status_code == 404
    assert len(crew.find_calls("disaster")) == 1


def test_whoever_asked_is_no_second_officer(crew: Crew) -> None:
    """He has no button, and what he sends all the same is refused; so is whoever has the realm's token alone."""
    digest, _ = crew.ask("cyber-incident")
    browser = crew.at["adviser"]
    page = browser.get(f"/approvals/{digest}")
    assert "data-first" not in page.text
    refused = browser.submit(page, f"/approvals/{digest}")
    assert "approval.same-officer" in refused.text
    own = crew.own.submit(crew.own.get(f"/approvals/{digest}"), f"/approvals/{digest}")
    assert "officer.uncovered" in own.text
    assert crew.find_calls("cyber-incident") == []


def test_approving_wants_a_proof(crew: Crew) -> None:
    """No older than five minutes, and so does refusing; after it the same confirmation is there."""
    digest, _ = crew.ask("missile-launch")
    crew.clock.now_s += FRESH_S
    for path in (f"/approvals/{digest}", f"/approvals/{digest}/refuse"):
        page = crew.at["director"].get(path)
        assert path not in {action for action, fields in find_forms(page.text).items() if "digest" in fields}
        assert re.search(r'href="/prove\?next=/resume/[\w-]+"', page.text)
    node = crew.apis.nodes["USA"]
    assert [held.digest for held in node.approvals.list(node.now())] == [digest]


def test_what_is_refused_is_not_stated(crew: Crew) -> None:
    """By whoever could have approved it, after a confirmation; whoever asked is told; an auditor may not."""
    digest, _ = crew.ask("maritime-incident")
    path = f"/approvals/{digest}/refuse"
    may_not = crew.at["auditor"].submit(crew.at["auditor"].get(path), path)
    assert "officer.wrong-role" in may_not.text
    assert crew.at["director"].submit(crew.at["director"].get(path), path).headers["location"] == "/?done=1"
    assert "nothing of it was stated" in crew.at["adviser"].get(f"/approvals/{digest}/now").text
    assert crew.find_calls("maritime-incident") == []


def test_what_nobody_approved_in_time_is_over(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on no page any more, and whoever asked is told."""
    digest, _ = crew.ask("other")
    node = crew.apis.nodes["USA"]
    now = node.now
    monkeypatch.setattr(node, "now", lambda: Instant(now() + HELD_MS))
    assert crew.at["director"].get(f"/approvals/{digest}").status_code == 404
    assert "nothing of it was stated" in crew.at["adviser"].get(f"/approvals/{digest}/now").text
    assert crew.at["adviser"].get(f"/approvals/{'0' * 64}/now").status_code == 404
    assert TOKEN not in crew.at["adviser"].get("/").text
