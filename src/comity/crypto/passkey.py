"""Passkeys (WebAuthn, level 3): what a browser is asked to make or show, and whether its answer holds.

Rules
- The user is verified by the authenticator, always: a stolen key without its PIN or finger opens nothing.
- No attestation is asked for: which maker's key an officer holds is nobody's to know.
- An answer is for this site, this origin and this challenge, or it is refused; every refusal is one and the same.
- A counter that goes back means that a key was copied: refused.
"""

import json
from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from comity.base.errors import UsageError

__all__ = ["ANSWER_SIZE_MAX", "Passkey", "ask_to_make", "ask_to_show", "check_made", "check_shown", "read_credential"]

ANSWER_SIZE_MAX: Final = 32 * 1024
_CREDENTIAL_SIZE_MAX: Final = 1024
Hex = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2})+$", max_length=2 * _CREDENTIAL_SIZE_MAX)]


class Passkey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept of one: its id, the public key (COSE) and the counter that it showed last. No secret."""

    credential: Hex
    public_key: Hex
    count: Annotated[int, msgspec.Meta(ge=0, lt=2**32)]


def ask_to_make(*, site: str, party: str, officer: str, user: bytes, known: Iterable[str], challenge: bytes) -> str:
    """Return, as JSON, what a browser is asked to make; not on an authenticator that has one of `known`."""
    return options_to_json(
        generate_registration_options(
            rp_id=site,
            rp_name=f"Comity {party}",
            user_name=officer,
            user_id=user,
            challenge=challenge,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes.fromhex(one)) for one in known],
        )
    )


def check_made(answer: str, *, site: str, origin: str, challenge: bytes) -> Passkey:
    """Return the passkey that a browser has made.

    Raises:
        UsageError: `passkey.refused`.
    """
    try:
        made = verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=site,
            expected_origin=origin,
            require_user_verification=True,
        )
        return msgspec.convert(
            {
                "credential": made.credential_id.hex(),
                "public_key": made.credential_public_key.hex(),
                "count": made.sign_count,
            },
            Passkey,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError("passkey.refused") from error


def ask_to_show(*, site: str, challenge: bytes) -> str:
    """Return, as JSON, what a browser is asked to show: any passkey of this site, with its user verified."""
    options = generate_authentication_options(
        rp_id=site, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(options)


def read_credential(answer: str) -> str:
    """Return the id of the passkey that an answer names, in hexadecimal.

    Raises:
        UsageError: `passkey.refused`.
    """
    try:
        raw = _decode(_read(answer)["rawId"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError("passkey.refused") from error
    return raw[:_CREDENTIAL_SIZE_MAX].hex()


def check_shown(answer: str, passkey: Passkey, *, site: str, origin: str, challenge: bytes) -> Passkey:
    """Return a passkey with its counter as it was shown now.

    Raises:
        UsageError: `passkey.refused`.
    """
    try:
        shown = verify_authentication_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=site,
            expected_origin=origin,
            credential_public_key=bytes.fromhex(passkey.public_key),
            credential_current_sign_count=passkey.count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError("passkey.refused") from error
    return msgspec.structs.replace(passkey, count=shown.new_sign_count)


def _read(answer: str) -> dict[str, object]:
    if len(answer) > ANSWER_SIZE_MAX:
        raise ValueError("longer than any browser writes")
    found = json.loads(answer)
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found


def _decode(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("no text")
    return base64url_to_bytes(text)
