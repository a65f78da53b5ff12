"""Asking the party's identity provider: what it is, its keys, and the token for a code. Bounded in time and size.

Nothing is asked before somebody wants to sign in by it. No proxy of the environment, no redirection, no address but the
issuer's own and those that its description names, each over TLS or on this machine.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oidc.discovery import OpenIDProviderMetadata

from comity.base.errors import OutageError, UsageError
from comity.crypto.id_token import Keys, check_id_token, make_code_challenge, read_keys
from comity.node.provider import Provider, ProviderFile, is_address

__all__ = ["Asking"]

ANSWER_SIZE_MAX: Final = 512 * 1024
TIMEOUT_S: Final = 8.0
KEPT_S: Final = 3600.0
ASKED_AGAIN_S: Final = 30.0
"""A token may name a key that is new; how often that makes us fetch the keys anew at most."""
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Asking:
    """What is known of one provider, and what it is asked. Its description is fetched once an hour at most."""

    def __init__(self, file: ProviderFile, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._clock = clock
        self._known: tuple[Provider, Mapping[str, Any], float] | None = None
        self._keys: tuple[Provider, Keys, float] | None = None
        self._turn = asyncio.Lock()

    def find(self) -> Provider:
        """Return the provider that is configured now.

        Raises:
            UsageError: `console.no-page` where there is none; `oidc.malformed`.
        """
        provider = self._file.read()
        if provider is None:
            raise UsageError("console.no-page")
        return provider

    async def make_address(
        self, provider: Provider, *, back: str, state: str, nonce: str, verifier: str, is_again: bool
    ) -> str:
        """Return where a browser goes to sign in; `is_again`: the provider asks who it is, whatever it remembers."""
        metadata = await self._describe(provider)
        again = {"prompt": "login", "max_age": "0"} if is_again else {}
        return str(
            prepare_grant_uri(
                metadata["authorization_endpoint"], provider.client, "code", back, " ".join(provider.scopes), state,
                nonce=nonce, code_challenge=make_code_challenge(verifier), code_challenge_method="S256", **again,
            )
        )  # fmt: skip

    async def find_end(self, provider: Provider) -> str:
        """Return where one signs out at the provider; nothing where it has no such page."""
        address = (await self._describe(provider)).get("end_session_endpoint", "")
        return address if is_address(address) else ""

    async def check_issuer(self, provider: Provider, given: str) -> None:
        """Return if an answer comes from this issuer, where it says so or the provider always does (RFC 9207)."""
        metadata = await self._describe(provider)
        if given != provider.issuer and (given or metadata.get("authorization_response_iss_parameter_supported")):
            raise UsageError("oidc.refused")

    async def redeem(
        self, provider: Provider, code: str, *, back: str, nonce: str, verifier: str, now_s: int
    ) -> dict[str, object]:
        """Return what the provider claims of whoever brought this code.

        Raises:
            UsageError: `oidc.refused`.
            OutageError: `oidc.unreachable`.
        """
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        secret = self._read_file(provider.secret).decode().strip() if provider.secret else ""
        given: dict[str, Any] = {"data": fields if secret else {**fields, "client_id": provider.client}}
        if secret:
            given["auth"] = _make_auth(provider.client, secret)
        raw = await self._ask(provider, "POST", (await self._describe(provider))["token_endpoint"], **given)
        answer = _decode(raw)
        token = answer.get("id_token")
        if not isinstance(token, str) or str(answer.get("token_type", "")).lower() != "bearer":
            raise UsageError("oidc.refused")
        expected: dict[str, Any] = {
            "issuer": provider.issuer, "client": provider.client, "nonce": nonce, "now_s": now_s,
            "skew_s": provider.skew_s,
        }  # fmt: skip
        try:
            return dict(check_id_token(token, await self._find_keys(provider, KEPT_S), **expected))
        except KeyError:
            try:
                return dict(check_id_token(token, await self._find_keys(provider, ASKED_AGAIN_S), **expected))
            except KeyError as error:
                raise UsageError("oidc.refused") from error

    async def _describe(self, provider: Provider) -> Mapping[str, Any]:
        """Return the provider's own description, held against what is configured."""
        async with self._turn:
            if self._known is not None and self._known[0] == provider and self._clock() < self._known[2] + KEPT_S:
                return self._known[1]
            if provider.discovery:
                raw = self._read_file(provider.discovery)
            else:
                address = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
                raw = await self._ask(provider, "GET", address)
            metadata = _decode(raw)
            try:
                described = OpenIDProviderMetadata(metadata)
                for name in ("response_types_supported", "id_token_signing_alg_values_supported", "scopes_supported"):
                    getattr(described, f"validate_{name}")()
            except ValueError as error:
                raise UsageError("oidc.refused") from error
            challenges = metadata.get("code_challenge_methods_supported", ["S256"])
            is_good = (
                metadata.get("issuer") == provider.issuer
                and all(
                    is_address(metadata.get(name)) for name in _ENDPOINTS if name != "jwks_uri" or not provider.keys
                )
                and isinstance(challenges, list)
                and "S256" in challenges
            )
            if not is_good:
                raise UsageError("oidc.refused")
            self._known = (provider, metadata, self._clock())
            return metadata

    async def _find_keys(self, provider: Provider, age_s: float) -> Keys:
        """Return the provider's keys, fetched anew where those known are older."""
        if provider.keys:
            return read_keys(self._read_file(provider.keys))
        if self._keys is None or self._keys[0] != provider or self._clock() >= self._keys[2] + age_s:
            raw = await self._ask(provider, "GET", (await self._describe(provider))["jwks_uri"])
            self._keys = (provider, read_keys(raw), self._clock())
        return self._keys[1]

    async def _ask(self, provider: Provider, method: str, address: str, **given: Any) -> bytes:
        """Ask, and return the body of an answer of success; what the provider says against a code is a refusal."""
        verify: ssl.SSLContext | bool = True
        if provider.authorities:
            verify = ssl.create_default_context(cadata=self._read_file(provider.authorities).decode())
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                httpx.AsyncClient(verify=verify, trust_env=False, timeout=TIMEOUT_S, headers=headers) as client,
                client.stream(method, address, **given) as response,
            ):
                raw = await _read(response)
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            raise OutageError("oidc.unreachable") from error
        if 400 <= response.status_code < 500 and method == "POST":
            raise UsageError("oidc.refused")
        if response.status_code != 200:
            raise OutageError("oidc.unreachable", status=response.status_code)
        return raw

    def _read_file(self, name: str) -> bytes:
        try:
            return Path(self._file.folder / name).read_bytes()[:ANSWER_SIZE_MAX]
        except OSError as error:
            raise UsageError("oidc.malformed", why=type(error).__name__) from error


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ValueError("encoded")
    async for piece in response.aiter_raw():
        raw += piece
        if len(raw) > ANSWER_SIZE_MAX:
            raise ValueError("too large")
    return bytes(raw)


def _decode(raw: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError("oidc.refused") from error


def _make_auth(client: str, secret: str) -> httpx.BasicAuth:
    """Name and secret, each encoded as a form's value first (RFC 6749, 2.3.1)."""
    encode = httpx.QueryParams
    return httpx.BasicAuth(str(encode({"": client}))[1:], str(encode({"": secret}))[1:])
