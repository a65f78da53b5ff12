"""Requests that are repeated: the same key with the same request is answered as it was the first time (docs/adr/0059).

A key comes in the header `Idempotency-Key`, drawn at random by whoever asks, and is its officer's own. The first
answer is kept, sealed under the key, before it is sent; also a refusal, but for what may pass by itself: an outage, too
many requests, a second officer who has not decided. Where a node stopped between an act and its answer, the request is
done again, and each act in it that stands in the journal counts as done: nothing is stated twice.
"""

import asyncio
import enum
import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
from litestar import Request, Response

from comity.api.desk import Desk
from comity.api.views.basic import Ids
from comity.base.errors import ComityError, OutageError, UsageError
from comity.base.names import Digest
from comity.crypto.label import label
from comity.node.answer_rows import ANSWER_SIZE_BYTES_MAX, Answered
from comity.node.keyed import KEYED, Keyed
from comity.node.log import note
from comity.node.powers import ACTING
from comity.node.store import Act
from comity.procedure.sharing import Giving

__all__ = ["FREE", "KEY_HEADER", "KEY_PATTERN", "REPEATS", "Repeat", "Repeats", "find_repeat"]

KEY_HEADER: Final = "Idempotency-Key"
KEY_PATTERN: Final = "^[!-~]{16,128}$"
REPLAYED_HEADER: Final = "Idempotency-Replayed"
_FORM: Final = re.compile(rb"[!-~]{16,128}\Z")
_SCOPE: Final = "comity.repeat"
_PASSING: Final = frozenset({401, 408, 429})
_AWAITED: Final = "approval.awaited"


class Repeat(enum.Enum):
    """What is done again of an act whose answer was lost when the node stopped."""

    ACT = "act"
    """All of it; an act that stands in the journal counts as done."""
    GIVING = "giving"
    """Nothing that stands: the answer is the item that was given."""
    WHOLE = "whole"
    """Nothing: what is drawn for several items at once cannot be told from what was given."""
    KNOWN = "known"
    """All of it; what came in already is known by its content."""


REPEATS: Final[Mapping[str, Repeat]] = {
    "/v1/statements": Repeat.ACT,
    "/v1/warning/drafts/{draft}/send": Repeat.ACT,
    "/v1/warning/drafts/{draft}/discard": Repeat.ACT,
    "/v1/warning/public": Repeat.ACT,
    "/v1/exercises/{exercise}/seats/{seat}/words": Repeat.ACT,
    "/v1/disclosed": Repeat.ACT,
    "/v1/items": Repeat.GIVING,
    "/v1/items/compose": Repeat.WHOLE,
    "/v1/items/pass-on": Repeat.ACT,
    "/v1/items/consent": Repeat.ACT,
    "/v1/items/refuse": Repeat.ACT,
    "/v1/items/grant": Repeat.ACT,
    "/v1/items/decline": Repeat.ACT,
    "/v1/items/destroy": Repeat.ACT,
    "/v1/quarantine/release": Repeat.ACT,
    "/v1/recalls": Repeat.ACT,
    "/v1/recalls/pass-on": Repeat.ACT,
    "/v1/recalls/answer": Repeat.ACT,
    "/v1/recalls/report": Repeat.ACT,
    "/v1/approvals/{digest}/give": Repeat.ACT,
    "/v1/approvals/{digest}/refuse": Repeat.KNOWN,
    "/v1/alerts": Repeat.KNOWN,
    "/v1/indicators": Repeat.KNOWN,
    "/v1/import/{format_name}": Repeat.KNOWN,
    "/v1/deposits/{deposit}/take": Repeat.KNOWN,
    "/v1/deposits/{deposit}/refuse": Repeat.KNOWN,
    "/v1/consumers": Repeat.KNOWN,
}
"""The acts of the API that take a key."""

FREE: Final = (
    "/v1/alarms/test",
    "/v1/attachments",
    "/v1/bundle",
    "/v1/delegations",
    "/v1/doctor/streams",
    "/v1/drop/in",
    "/v1/drop/out",
    "/v1/drop/written",
    "/v1/exchange/check",
    "/v1/officers",
    "/v1/officers/{name}/code",
    "/v1/officers/{name}/revoke",
    "/v1/officers/{name}/token",
    "/v1/release/preview",
    "/v1/release/what-if",
    "/v1/roster",
    "/v1/roster/hand-over",
    "/v1/store/copy",
    "/taxii2/{root}/collections/{collection}/objects",
)
"""What may be repeated as it is: it states nothing, or the same bytes count once however often they come. An officer's
token or code whose answer was lost is drawn anew: no answer with a secret in it is kept."""


def find_repeat(method: str, path: str) -> Repeat | None:
    """Return how a request at a path of the document is repeated; None where it takes no key."""
    return REPEATS.get(path) if method == "POST" else None


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """An answer as it lies sealed."""

    status: int
    media: str
    body: bytes


class _Under:
    """One request under a key, from its beginning to the end of its answer."""

    def __init__(self, keyed: Keyed, how: Repeat, secret: bytes) -> None:
        self.keyed, self.how, self.secret = keyed, how, secret
        self.officer = next(iter(ACTING.get()), "")
        self.task = asyncio.current_task()
        self.is_kept = True
        self.before: tuple[Act, ...] = ()
        """What an earlier run of it did, whose answer is not here."""
        self.status, self.media, self.body = 0, "", bytearray()


class Repeats:
    """The keys at one node's API. `begin` before a request is done, `keep` as it is answered."""

    def __init__(self, desk: Desk) -> None:
        self._node = desk.node
        self._suite = desk.node.machine.setup.suite
        self._under_way: dict[str, _Under] = {}

    async def begin(self, request: Request[Any, Any, Any], path: str) -> Response[Any] | None:
        """Return what a request under this key was answered with before, or None where it is to be done.

        Raises:
            UsageError: `api.key-malformed`, `api.key-under-way`, `statement.key-taken`, `statement.key-damaged`.
        """
        KEYED.set(None)
        key, how = request.headers.get(KEY_HEADER), find_repeat(request.method, path)
        if key is None or how is None:
            return None
        raw = key.encode("latin-1", "replace")
        if _FORM.match(raw) is None:
            raise UsageError("api.key-malformed")
        body = await request.body()
        officer = next(iter(ACTING.get()), "")
        name = "request/" + _sum("request-key", officer.encode(), raw).hex()
        asked = _sum("request", request.scope["path"].encode(), request.scope["query_string"], body)
        keyed = Keyed(name, asked, is_strict=how is Repeat.WHOLE)
        under = _Under(keyed, how, self._suite.extract(label("answer"), _sum("answer-key", officer.encode(), raw)))
        answered = self._node.store.answers.find(name, at=self._node.now())
        self._check_key(keyed, answered)
        if answered is not None and (found := self._open(under, answered)) is not None:
            return found
        under.before = self._node.store.list_acts_of(name)
        self._under_way[name] = under
        cast("dict[str, Any]", request.scope)[_SCOPE] = under
        if how is not Repeat.KNOWN:
            KEYED.set(keyed)
        return self._find_given(under) if how is Repeat.GIVING else None

    def _check_key(self, keyed: Keyed, answered: Answered | None) -> None:
        """Return if the key is free for this request."""
        under, marked = self._under_way.get(keyed.name), self._node.store.find_act(keyed.name)
        taken = [] if under is None else [under.keyed.request]
        taken += [] if answered is None else [answered.request]
        taken += [] if marked is None else [marked.asked]
        if any(one != keyed.request for one in taken):
            raise UsageError("statement.key-taken")
        if under is not None and under.task is not None and not under.task.done():
            raise UsageError("api.key-under-way")

    def _open(self, under: _Under, answered: Answered) -> Response[Any] | None:
        """Return the first answer; None where it is damaged, or what waited in it waits no more."""
        opened = self._suite.open(
            key=self._suite.expand(under.secret, answered.salt), sealed=answered.sealed, aad=under.keyed.request
        )
        if opened is None:
            return None
        kept = msgspec.msgpack.decode(opened, type=_Kept)
        if self._is_over(kept):
            return None
        return Response(kept.body, status_code=kept.status, media_type=kept.media, headers={REPLAYED_HEADER: "true"})

    def _is_over(self, kept: _Kept) -> bool:
        """Tell whether an answer said that a second officer is waited for, and none is any more."""
        if kept.status != 409 or _AWAITED.encode() not in kept.body:
            return False
        problem = msgspec.json.decode(kept.body)
        digest = problem["details"].get("digest", "") if problem["code"] == _AWAITED else ""
        return bool(digest) and all(held.digest != digest for held in self._node.approvals.list(self._node.now()))

    def _find_given(self, under: _Under) -> Response[Any] | None:
        """Return the item that a request gave before its answer was lost."""
        for act in under.before:
            for id_ in act.ids:
                stated = self._node.machine.record.find_statement(Digest(id_))
                if stated is not None and isinstance(stated.entry, Giving):
                    return Response({"item": stated.entry.item.hex()}, status_code=201)
        return None

    def note_error(self, request: Request[Any, Any, Any], error: Exception) -> Response[Ids] | None:
        """Take note of how a request failed; return what it stated before the node stopped, where that was all.

        What passes by itself is no answer to be kept.
        """
        under: _Under | None = cast("dict[str, Any]", request.scope).get(_SCOPE)
        if under is None:
            return None
        under.is_kept = isinstance(error, ComityError) and not isinstance(error, OutageError)
        if isinstance(error, UsageError) and error.code in ("approval.under-way", "api.answer-lost"):
            under.is_kept = False
        elif under.before and under.how is Repeat.ACT and not under.keyed.last_key:
            # It is refused before it says anything, because it was done.
            return Response({"ids": [id_.hex() for act in under.before for id_ in act.ids]}, status_code=201)
        return None

    async def keep(self, message: Any, scope: Any) -> None:
        """Keep an answer as it goes out, before the end of it does."""
        under: _Under | None = scope.get(_SCOPE)
        if under is None:
            return
        if message["type"] == "http.response.start":
            under.status = message["status"]
            under.media = next((value.decode() for name, value in message["headers"] if name == b"content-type"), "")
        elif message["type"] == "http.response.body":
            under.body += message.get("body", b"")
            if not message.get("more_body", False):
                del scope[_SCOPE]
                self._end(under)

    def _end(self, under: _Under) -> None:
        self._under_way.pop(under.keyed.name, None)
        is_kept = under.is_kept and under.status < 500 and under.status not in _PASSING
        if not is_kept or len(under.body) > ANSWER_SIZE_BYTES_MAX:
            return
        salt, name = self._node.draw_salt(), under.keyed.name
        kept = msgspec.msgpack.encode(_Kept(under.status, under.media, bytes(under.body)))
        sealed = self._suite.seal(key=self._suite.expand(under.secret, salt), plaintext=kept, aad=under.keyed.request)
        try:
            answered = Answered(name, under.officer, under.keyed.request, self._node.now(), salt, sealed)
            self._node.store.answers.put(answered)
        except OutageError as error:
            note("api.answer-unkept", code=error.code)  # it was done: whoever asked is told so


def _sum(what: str, *parts: bytes) -> bytes:
    return hashlib.sha256(label(what) + b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
