"""Where a console may be reached, and from where its forms may be sent (docs/adr/0057).

A node listens on loopback. Its own browser reaches it there, as `localhost`, as `127.0.0.1` or as `PARTY.localhost`, so
that three nodes on one machine keep their cookies apart; others reach it through the party's own proxy, under origins
that the operator names. A request for any other host is refused: somebody pointed a name of his own at this machine.
"""

import re
from collections.abc import Iterable
from typing import Final

from comity.base.errors import UsageError
from comity.base.names import Party

__all__ = ["Origins"]

_ORIGIN: Final = re.compile(r"(https?)://([a-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\])(:\d{1,5})?", re.ASCII)


class Origins:
    """The origins of one console, each with the host that a request names."""

    def __init__(self, party: Party, port: int, more: Iterable[str] = ()) -> None:
        """Take the own origins on loopback and `more` of the operator's.

        Raises:
            UsageError: `console.origin-malformed`.
        """
        own = [f"http://{host}:{port}" for host in (f"{party.lower()}.localhost", "localhost", "127.0.0.1")]
        named = [origin.lower().removesuffix("/") for origin in more]
        for origin in named:
            if _ORIGIN.fullmatch(origin) is None:
                raise UsageError("console.origin-malformed", origin=origin[:80])
        self._by_host = {origin.partition("//")[2]: origin for origin in [*own, *named]}
        self.has_more = bool(named)
        """Whether the operator named others than loopback's own."""
        self.first = named[0] if named else own[0]
        """What to tell an officer."""

    def get(self, host: str) -> str:
        """Return the origin of the host that a request is for.

        Raises:
            UsageError: `console.wrong-host`.
        """
        found = self._by_host.get(host.lower())
        if found is None:
            raise UsageError("console.wrong-host")
        return found
