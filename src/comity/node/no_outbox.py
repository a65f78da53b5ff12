"""The outbox of a node that has none yet: a standby that is being promoted, whose server does not run (T29).

It takes nothing and holds nothing, as an outbox that is down; what is to go out stays in the store.
"""

from typing import NoReturn

from comity.base.errors import OutageError

__all__ = ["NoOutbox"]


class NoOutbox:
    """See `outbox.Outbox`: every call meets an outage."""

    async def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise OutageError("outbox.unavailable")

    ensure_stream = publish = last_sequence = count_pages = describe = find_page = rebuild = serve_pages = _refuse

    async def close(self) -> None:
        """Nothing is open."""
