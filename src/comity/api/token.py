"""The token of a realm's API, as it lies in the realm's folder; what asks a node needs nothing else of this room."""

from pathlib import Path

from comity.base.errors import UsageError

__all__ = ["read_token"]


def read_token(realm_path: Path) -> str:
    """Return the token of a realm's API.

    Raises:
        UsageError: `api.no-token` where no node has run there yet.
    """
    try:
        return (realm_path / "token").read_text().strip()
    except OSError as error:
        raise UsageError("api.no-token") from error
