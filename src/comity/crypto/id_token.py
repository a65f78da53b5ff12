"""ID tokens of a provider of the party's own (OpenID Connect Core): whether one is good, and what it says.

Rules
- Signed with a key pair that the provider publishes, by an algorithm of the list: never unsigned, never with a key that
  anybody knows, never encrypted.
- For this client, by exactly this issuer, answering exactly this nonce, within its hours; clocks may differ by so much.
- Whatever is not good is refused alike.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol, KeySet, KeySetSerialization, OKPKey, RSAKey

from comity.base.errors import UsageError

__all__ = ["RSA_BITS_MAX", "Keys", "check_id_token", "make_code_challenge", "read_keys"]

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
TOKEN_SIZE_MAX: Final = 64 * 1024
KEY_COUNT_MAX: Final = 64
RSA_BITS_MIN: Final = 2048
RSA_BITS_MAX: Final = 8192
"""Whoever publishes a longer one would have each sign-in take seconds."""
AGE_S_MAX: Final = 600
"""A token is fetched for one sign-in; one that was issued longer ago was kept by somebody."""

Keys = tuple[RSAKey | ECKey | OKPKey, ...]


def make_code_challenge(verifier: str) -> str:
    """Return what a provider is told of a secret that is shown to it later (RFC 7636, S256)."""
    return str(create_s256_code_challenge(verifier))


def read_keys(raw: bytes) -> Keys:
    """Return the public keys of a JWK set that sign; keys of other kinds are left out.

    Raises:
        UsageError: `oidc.refused`.
    """
    try:
        listed = msgspec.json.decode(raw, type=dict[str, Any])["keys"]
        rows = [row for row in listed if row["kty"] in ("RSA", "EC", "OKP") and row.get("use", "sig") == "sig"]
        if len(listed) > KEY_COUNT_MAX or any("d" in row for row in listed):
            raise UsageError("oidc.refused")
        found = KeySet.import_key_set(cast("KeySetSerialization", {"keys": rows})).keys if rows else []
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError, ValueError, JoseError, RecursionError) as error:
        raise UsageError("oidc.refused") from error
    return tuple(key for key in found if isinstance(key, RSAKey | ECKey | OKPKey) and _is_of_fit_size(key))


def check_id_token(
    token: str, keys: Keys, *, issuer: str, client: str, nonce: str, now_s: int, skew_s: int
) -> Mapping[str, Any]:
    """Return what a good token claims.

    Raises:
        KeyError: the token names a key that is not among these; the provider may have others by now.
        UsageError: `oidc.refused`.
    """
    if len(token) > TOKEN_SIZE_MAX or token.count(".") != 2:
        raise UsageError("oidc.refused")
    try:
        claims = jwt.decode(token, lambda guest: _choose(guest, keys), algorithms=ALGORITHMS).claims
    except _NoSuchKeyError as error:
        raise KeyError from error
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise UsageError("oidc.refused") from error
    audience: object = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    is_ours = client in audiences
    party = claims.get("azp", client if len(audiences) == 1 else "")
    is_good = (
        claims.get("iss") == issuer
        and is_ours
        and party == client
        and isinstance(claims.get("nonce"), str)
        and hmac.compare_digest(claims["nonce"].encode(), nonce.encode())
        and _is_in_time(claims, now_s, skew_s)
    )
    if not is_good:
        raise UsageError("oidc.refused")
    return claims


def _is_in_time(claims: Mapping[str, Any], now_s: int, skew_s: int) -> bool:
    ends, issued = _read_second(claims.get("exp")), _read_second(claims.get("iat"))
    begins, proved = _read_second(claims.get("nbf", 0)), _read_second(claims.get("auth_time", 0))
    return (
        ends > now_s - skew_s
        and now_s - AGE_S_MAX - skew_s <= issued <= now_s + skew_s
        and 0 <= begins <= now_s + skew_s
        and 0 <= proved <= now_s + skew_s
    )


def _read_second(value: object) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**53
    return int(cast("float", value)) if is_number else -1


class _NoSuchKeyError(JoseError):
    """The token names a key that is not published, as far as is known here."""


def _choose(guest: GuestProtocol, keys: Keys) -> RSAKey | ECKey | OKPKey:
    """Return the key that a token names; one that names none is checked only where there is but one of its kind."""
    header = guest.headers()
    algorithm = str(header.get("alg", ""))
    kind = {"R": "RSA", "P": "RSA", "E": "EC"}.get(algorithm[:1], "") if not algorithm.startswith("Ed") else "OKP"
    fitting = [key for key in keys if key.key_type == kind and key.as_dict().get("alg", algorithm) == algorithm]
    if "kid" in header:
        fitting = [key for key in fitting if key.kid == header["kid"]]
    if len(fitting) != 1:
        raise _NoSuchKeyError
    return fitting[0]


def _is_of_fit_size(key: RSAKey | ECKey | OKPKey) -> bool:
    return not isinstance(key, RSAKey) or RSA_BITS_MIN <= key.raw_value.key_size <= RSA_BITS_MAX
