"""The one way from a page to a word on the record: proposed, shown, confirmed, done (docs/adr/0061).

An act is one path. The form of a page posts its fields there: without a digest the answer is the confirmation, which
shows what will be signed, brings the fields along, and adds digest, key and role; with the digest of what was shown it
is done, and the browser is led back to the page that it came from.

Rules
- Only what was shown is signed: what the fields come to now must have the digest that was confirmed.
- What cannot be found twice alike is kept under its digest, for the session that was shown it (`keeping`).
- An act that is pressing wants a proof of some minutes. Who has to prove, or found the console locked, comes back to
  the confirmation with everything that was typed.
- The role is one that the officer holds; the one that the pact asks for comes first.
- A secret that an act drew is shown on one page, to the session that drew it, once: a second press before that leads to
  the same page, and a page that was loaded again says that it is gone (docs/adr/0068).
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.base.errors import UsageError
from comity.console.fields import Fields, read_fields
from comity.console.gate import Gate, is_of_script
from comity.console.pages import Pages
from comity.console.shown import show_entry
from comity.console.signing import Deed, Proposal, ShownOnce, find_name, is_pressing
from comity.console.visit import Visit, get_visit, is_local_path, split_address
from comity.machine.funnel import decode_known
from comity.pact.offices import Act
from comity.procedure.act import find_act

__all__ = ["Acts", "Propose"]

Propose = Callable[[Visit, Fields, str], Proposal | Deed]
"""What a page gives: who asks, what was typed, in which role; it returns what would be signed or done, or refuses."""
WantRoles = Callable[[Fields], frozenset[str]]

FIRST_ROLE: Final = "watch-officer"
"""In which role one speaks where neither the pact nor an officer's token says so."""


@dataclass(frozen=True, slots=True)
class _Act:
    propose: Propose
    speaks_as: Act | None
    want_roles: WantRoles | None


@dataclass(frozen=True, slots=True)
class _Wish:
    """One asking for an act: what was typed, in which role, and where to lead back to."""

    act: _Act
    path: str
    fields: Fields
    role: str
    back: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What an act drew, until it was shown, and where to lead back to."""

    what: ShownOnce
    back: str


_DRAWN: Final = "drawn "
_SEEN: Final = "seen"
"""What is kept in the place of a secret that was shown: the same press draws no other."""


class Acts:
    """The acts of one node's console."""

    def __init__(self, pages: Pages, desk: Desk, gate: Gate) -> None:
        self._pages = pages
        self._desk = desk
        self._sessions = gate.sessions
        self._keeping = gate.keeping

    def make(
        self, path: str, propose: Propose, *, speaks_as: Act | None = None, want_roles: WantRoles | None = None
    ) -> list[HTTPRouteHandler]:
        """Return the routes of an act at its path: showing it and doing it by POST; by GET it is shown alone.

        With `speaks_as` the officer says in which role he does it; `want_roles` are those that the pact asks for.
        """
        act = _Act(propose, speaks_as, want_roles)

        async def keep(request: Request[Any, Any, Any]) -> str:
            wish, _ = await self._read(act, request)
            return self._keep(get_visit(request), wish)

        @get(path)
        async def ask(request: Request[Any, Any, Any]) -> Response[Any]:
            wish, _ = await self._read(act, request)
            return self._confirm(request, wish)

        @post(path, opt={"keep": keep}, status_code=200)
        async def take(request: Request[Any, Any, Any]) -> Response[Any]:
            wish, given = await self._read(act, request)
            if "digest" not in given:
                return self._confirm(request, wish)
            return await self._do(request, wish, digest=given["digest"], key=given.get("key", ""))

        return [ask, take]

    def make_resume(self) -> HTTPRouteHandler:
        """Return the route that shows anew what was kept on its way round a proof."""

        @get("/resume/{kept:str}")
        async def resume(request: Request[Any, Any, Any], kept: FromPath[str]) -> Response[Any]:
            wish = self._keeping.find(get_visit(request).secret, kept)
            if not isinstance(wish, _Wish):
                raise UsageError("console.form-expired")
            return self._confirm(request, wish)

        return resume

    def make_shown_once(self) -> HTTPRouteHandler:
        """Return the route of the page that shows what an act drew."""

        @get("/shown-once/{name:str}")
        async def shown_once(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
            secret = get_visit(request).secret
            found = self._keeping.take(secret, _DRAWN + name)
            if not isinstance(found, _Drawn):
                raise UsageError("console.shown-once")
            self._keeping.keep(secret, _DRAWN + name, _SEEN, size=64)
            return self._pages.render(request, "shown_once.html", drawn=found.what, back=found.back)

        return shown_once

    async def _read(self, act: _Act, request: Request[Any, Any, Any]) -> tuple[_Wish, dict[str, str]]:
        fields, given = await read_fields(request)
        path, back = request.scope["path"], _find_back(request, given)
        return _Wish(act, path, fields, given.get("role", ""), back), given

    def _keep(self, visit: Visit, wish: _Wish) -> str:
        """Keep what was typed for this session; return the path that shows it anew."""
        name = secrets.token_urlsafe(12)
        self._keeping.keep(visit.secret, name, wish, size=wish.fields.size + 1_024)
        return f"/resume/{name}"

    def _confirm(self, request: Request[Any, Any, Any], wish: _Wish) -> Response[Any]:
        """Show what will be signed or done, and who will see it."""
        visit, party = get_visit(request), self._desk.node.machine.party
        assert visit.session is not None, "the gate wants one"
        roles = self._find_roles(visit, wish)
        role = wish.role if wish.role in roles else next(iter(roles), "")
        proposal = wish.act.propose(visit, wish.fields, role)
        if proposal.is_kept:
            self._keeping.keep(visit.secret, _name(wish, proposal.digest), proposal, size=proposal.size)
        wish, prove = replace(wish, role=role), ""
        if is_pressing(proposal) and not self._sessions.is_fresh(visit.session):
            prove = self._keep(visit, wish)
        rows = [show_entry(self._desk, entry, self._pages.titles) for entry in proposal.entries]
        return self._pages.render(
            request, "confirm.html", proposal=proposal, rows=rows,
            others=[other for other in proposal.audience if other != party], key=secrets.token_hex(16),
            name=find_name(visit, party), roles=roles, role=role, path=wish.path, back=wish.back,
            permitted_as="" if role else self._find_permitted(visit, proposal),
            typed=wish.fields.rows, prove=prove, binds=any(entry.binding for entry in proposal.entries),
            **proposal.shown,
        )  # fmt: skip

    async def _do(self, request: Request[Any, Any, Any], wish: _Wish, *, digest: str, key: str) -> Response[Any]:
        """State or do what was confirmed, and lead back.

        Raises:
            UsageError: `console.changed-meanwhile`, `console.prove-again`; as `Node.say`, or as the deed.
        """
        visit = get_visit(request)
        assert visit.session is not None, "the gate wants one"
        drawn = _name_drawn(wish, key)
        if self._keeping.find(visit.secret, _DRAWN + drawn) is not None:
            return self._pages.lead(f"/shown-once/{drawn}")  # a second press of what was done
        proposal = self._get_confirmed(visit, wish, digest)
        if is_pressing(proposal) and not self._sessions.is_fresh(visit.session):
            if is_of_script(request):
                raise UsageError("console.prove-again")
            return self._pages.lead("/prove?next=" + self._keep(visit, wish))
        try:
            if isinstance(proposal, Deed):
                ids = await proposal.do(key[:64])
            else:
                ids = await self._desk.node.say(proposal.audience, proposal.entries, key=key[:64])
        except UsageError as error:
            if error.code != "approval.awaited":
                raise
            return self._pages.lead(f"/approvals/{error.details['digest']}/waiting")
        if isinstance(ids, ShownOnce):
            self._keeping.keep(visit.secret, _DRAWN + drawn, _Drawn(ids, wish.back), size=4_096)
            return self._pages.lead(f"/shown-once/{drawn}")
        if not ids:
            return self._pages.lead(f"{wish.back}?done=1")
        opened = proposal.find_page(ids) if isinstance(proposal, Proposal) else ""
        return self._pages.lead(f"{opened or wish.back}?signed={ids[0].hex()[:16]}")

    def _get_confirmed(self, visit: Visit, wish: _Wish, digest: str) -> Proposal | Deed:
        kept = self._keeping.find(visit.secret, _name(wish, digest))
        if isinstance(kept, Proposal | Deed):
            return kept
        roles = self._find_roles(visit, wish)
        role = wish.role if wish.role in roles else next(iter(roles), "")
        proposal = wish.act.propose(visit, wish.fields, role)
        if not hmac.compare_digest(digest.encode(), proposal.digest.encode()):
            raise UsageError("console.changed-meanwhile")
        return proposal

    def _find_permitted(self, visit: Visit, proposal: Proposal | Deed) -> str:
        """Return the role that lets this officer say what carries none itself; empty where the pact asks for none."""
        node = self._desk.node
        terms = node.machine.versions.find_offices(node.machine.parties)
        officer = node.officers.read().find(visit.officer) if visit.officer else None
        if terms is None or officer is None:
            return ""
        acts = [find_act(entry, decode_known) for entry in proposal.entries]
        permitted = [terms.offices.find_permitted(act)[1] for act in acts if act is not None]
        return next((role for role in sorted(officer.roles) if permitted and all(role in of for of in permitted)), "")

    def _find_roles(self, visit: Visit, wish: _Wish) -> Sequence[str]:
        """Return the roles in which this session may say it, the one that the pact asks for first."""
        act = wish.act
        if act.speaks_as is None:
            return ()
        node = self._desk.node
        terms = node.machine.versions.find_offices(node.machine.parties)
        permitted = terms.offices.find_permitted(act.speaks_as)[1] if terms is not None else frozenset()
        wanted = act.want_roles(wish.fields) if act.want_roles is not None else permitted
        officer = node.officers.read().find(visit.officer) if visit.officer else None
        own = sorted(officer.roles if officer is not None else permitted or wanted)
        own.sort(key=lambda role: (role not in wanted, role not in permitted, role != FIRST_ROLE))
        return own or [FIRST_ROLE]


def _name(wish: _Wish, digest: str) -> str:
    """Return the name under which a proposal waits for its second press: two acts may have one digest."""
    return f"{wish.path} {digest}"


def _name_drawn(wish: _Wish, key: str) -> str:
    """Return the name under which what an act draws waits to be shown: the same for the same press."""
    return hashlib.sha256(f"{wish.path} {key or secrets.token_hex(16)}".encode()).hexdigest()[:24]


def _find_back(request: Request[Any, Any, Any], given: dict[str, str]) -> str:
    """Return the page to lead back to: the one that a form names, or else the one that it was sent from."""
    sent_from = request.headers.get("hx-current-url" if is_of_script(request) else "referer", "")
    came_from = split_address(sent_from)
    is_here = f"{came_from.scheme}://{came_from.netloc}" == get_visit(request).origin
    named = given.get("back") or (came_from.path if is_here else "")
    return named if is_local_path(named) and not named.startswith("/resume/") else "/"
