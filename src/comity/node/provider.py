"""The party's own identity provider, if it has one: a file of the realm that an administrator puts there (ADR 0064).

It says who signs officers in (OpenID Connect), and which officer of `officers.json` somebody of the provider's is.
Who may act, and in which roles, stays the officers' file's to say: a provider can keep somebody out, and lets nobody in
whom that file does not have. Without the file nothing is asked of anybody.
"""

import re
from pathlib import Path
from typing import Annotated, Final

import msgspec

from comity.base.errors import UsageError
from comity.node.kept_file import KeptFile
from comity.node.toml_file import parse_toml, read_bytes
from comity.procedure.fields import IdField

__all__ = ["PROVIDER_FILE", "Provider", "ProviderFile", "is_address", "parse_provider"]

PROVIDER_FILE: Final = "oidc.toml"
SIZE_BYTES_MAX: Final = 1024 * 1024
_ADDRESS: Final = re.compile(
    r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?|http://(localhost|127\.0\.0\.1)(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?",
    re.ASCII,
)
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Place = Annotated[str, msgspec.Meta(max_length=1024)]
Table = Annotated[dict[Short, IdField], msgspec.Meta(max_length=4096)]


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who signs in, and who is who.

    `officers` names the officer for each value of the claim `officer_claim`. Where `roles` is there, whoever signs in
    must have, by the values of the claim `role_claim`, every role that the officers' file gives him. `discovery`,
    `keys`, `secret` and `authorities` are files: the provider's own description and keys where they are not fetched
    from it, the client's secret, and the authorities that its TLS certificate is of.
    """

    issuer: Short
    client: Short
    name: Annotated[str, msgspec.Meta(max_length=64)] = ""
    officer_claim: Short = "sub"
    officers: Table
    role_claim: Annotated[str, msgspec.Meta(max_length=255)] = ""
    roles: Table = msgspec.field(default_factory=dict)
    scopes: Annotated[tuple[Short, ...], msgspec.Meta(max_length=16)] = ("openid",)
    skew_s: Annotated[int, msgspec.Meta(ge=0, le=300)] = 60
    discovery: Place = ""
    keys: Place = ""
    secret: Place = ""
    authorities: Place = ""

    def find_officer(self, claims: dict[str, object]) -> str:
        """Return the officer whom claims name; nothing where they name none."""
        value = claims.get(self.officer_claim)
        return self.officers.get(value, "") if isinstance(value, str) else ""

    def find_roles(self, claims: dict[str, object]) -> frozenset[str] | None:
        """Return the roles that claims give; None where this provider says nothing of roles."""
        if not self.role_claim:
            return None
        given = claims.get(self.role_claim)
        values = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        return frozenset(self.roles[value] for value in values if isinstance(value, str) and value in self.roles)


def parse_provider(raw: bytes) -> Provider:
    """Read the file.

    Raises:
        UsageError: `oidc.malformed`.
    """
    provider = parse_toml(raw, Provider, size_bytes_max=SIZE_BYTES_MAX, code="oidc.malformed")
    if not is_address(provider.issuer):
        raise UsageError("oidc.malformed", why="issuer")
    if bool(provider.role_claim) != bool(provider.roles):
        raise UsageError("oidc.malformed", why="role_claim, roles")
    if "openid" not in provider.scopes:
        raise UsageError("oidc.malformed", why="scopes")
    return provider


def is_address(url: object) -> bool:
    """Tell whether something may be asked of: over TLS, or on this machine."""
    return isinstance(url, str) and len(url) <= 1024 and _ADDRESS.fullmatch(url) is not None


class ProviderFile(KeptFile[Provider | None]):
    """The file of one realm; `path` None: a node that has no provider."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path, None)

    @property
    def folder(self) -> Path:
        """Where files are that are named without their folder."""
        return self._path.parent if self._path is not None else Path()

    def read(self) -> Provider | None:
        """Return what it says now, or None where there is none.

        Raises:
            UsageError: `oidc.malformed`.
        """
        try:
            return super().read()
        except OSError as error:
            raise UsageError("oidc.malformed", why=type(error).__name__) from error

    def _load(self, path: Path) -> Provider:
        return parse_provider(read_bytes(path, size_bytes_max=SIZE_BYTES_MAX))

    def write(self, raw: bytes) -> None:
        """Put another in its place."""
        self._put(parse_provider(raw), raw)

    def remove(self) -> None:
        """Have no provider any more."""
        self._said = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)
