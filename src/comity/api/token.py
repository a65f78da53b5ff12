"""Where a realm's API is reached and the tokens for it, as they lie in the realm's folder.

What asks a node of this machine needs nothing else of this room.
"""

from pathlib import Path

from comity.base.errors import OutageError, UsageError

__all__ = ["read_address", "read_officer_token", "read_token"]


def read_address(realm_path: Path) -> str:
    """Return where a realm's API was reached when its node last started.

    Raises:
        OutageError: `api.unreachable` where no node has run there yet.
    """
    try:
        return (realm_path / "api").read_text().strip()
    except OSError as error:
        raise OutageError("api.unreachable") from error


def read_token(realm_path: Path) -> str:
    """Return the token of a realm's API.

    Raises:
        UsageError: `api.no-token` where no node has run there yet.
    """
    try:
        return (realm_path / "token").read_text().strip()
    except OSError as error:
        raise UsageError("api.no-token") from error


def read_officer_token(realm_path: Path, name: str) -> str:
    """Return the token of an officer, where it lies in the realm's folder.

    Raises:
        UsageError: `officer.no-token`.
    """
    try:
        return (realm_path / "officers" / f"{Path(name).name}.token").read_text().strip()
    except OSError as error:
        raise UsageError("officer.no-token", name=name[:48]) from error
