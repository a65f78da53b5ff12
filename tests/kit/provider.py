"""An identity provider on loopback that signs real tokens: what a party would run, and what a liar would."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey

from comity.node.home import find_free_port

__all__ = ["IdentityProvider"]

Claims = dict[str, Any]
CLIENT = "comity-console"


class IdentityProvider:
    """One provider; `twist` changes what a token claims, `sign` how it is signed, `answer` what `/token` sends."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.port = find_free_port("127.0.0.1")
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.client = CLIENT
        self.secret = ""
        self.metadata: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        self.asked: list[str] = []
        self._numbers = itertools.count()
        self.codes: dict[str, Claims] = {}
        self.twist: Callable[[Claims], None] = lambda _: None
        self.sign: Callable[[Claims], str] = self.sign_well
        self.answer: Callable[[str], tuple[int, bytes]] | None = None
        self.auth_time_ago_s = 0

    def sign_well(self, claims: Claims) -> str:
        """Sign as a provider does."""
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def sign_nothing(self, claims: Claims) -> str:
        """Leave a token unsigned, as `none` has it."""
        return f"{_encode({'alg': 'none'})}.{_encode(claims)}."

    def sign_by_public_key(self, claims: Claims) -> str:
        """Sign by what everybody can read: the bytes of the public key."""
        signed = f"{_encode({'alg': 'HS256', 'kid': 'one'})}.{_encode(claims)}"
        seal = hmac.digest(self.key.as_pem(private=False), signed.encode(), "sha256")
        return f"{signed}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"

    def sign_by_another(self, claims: Claims) -> str:
        """Sign by another key under the same name."""
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))

    def enter(self, address: str, subject: str, **claims: Any) -> dict[str, str]:
        """Sign somebody in who was led here; return what the browser brings back."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(self.metadata["authorization_endpoint"] + "?")
        assert (given["response_type"], given["code_challenge_method"], given["scope"]) == ("code", "S256", "openid")
        code = f"code-{next(self._numbers)}"
        self.codes[code] = {"given": given, "claims": {"sub": subject, **claims}}
        return {"code": code, "state": given["state"]}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, as an ASGI application."""
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status, content = self._answer(scope["path"], body, headers)
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": content})

    def _answer(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(path)
        if self.answer is not None:
            return self.answer(path)
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self.metadata).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": [self.key.as_dict(private=False)]}).encode()
        if path == "/token":
            return self._redeem({name: values[0] for name, values in parse_qs(body.decode()).items()}, headers)
        return 404, b"{}"

    def _redeem(self, fields: dict[str, str], headers: dict[str, str]) -> tuple[int, bytes]:
        row = self.codes.pop(fields.get("code", ""), None)
        verifier = fields.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        basic = "Basic " + base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
        is_client = headers.get("authorization") == basic if self.secret else fields.get("client_id") == self.client
        if (
            row is None
            or not is_client
            or challenge != row["given"]["code_challenge"]
            or fields["redirect_uri"] != row["given"]["redirect_uri"]
        ):
            return 400, b'{"error":"invalid_grant"}'
        now_s = int(time.time())
        claims = {
            "iss": self.issuer, "aud": self.client, "iat": now_s, "exp": now_s + 60, "nonce": row["given"]["nonce"],
            "auth_time": now_s - self.auth_time_ago_s, **row["claims"],
        }  # fmt: skip
        self.twist(claims)
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        return 200, json.dumps({"access_token": "x", "token_type": "Bearer", "id_token": token}).encode()

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Listen."""
        config = uvicorn.Config(self, host="127.0.0.1", port=self.port, log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server._serve()), daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        """Answer nobody any more."""
        self._server.should_exit = True
        self._thread.join()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _encode(part: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
