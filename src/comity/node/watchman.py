"""What a node says of its own store: damage that was found and mended, a disk that is full and has room again.

Alarms for the party's own officers; no peer hears of any of it. A failing disk can make thousands: the first are said
one by one, all are counted (`comity status`).
"""

from collections.abc import Callable
from typing import Final

from comity.machine.input import LostPage
from comity.node.store import Damage

__all__ = ["Watchman"]

DAMAGE_ALARM_COUNT_MAX: Final = 50


class Watchman:
    """Turns damage into alarms, and tells the machine which pages were lost."""

    def __init__(
        self, raise_alarm: Callable[[str, dict[str, object]], None], lose: Callable[[tuple[LostPage, ...]], None]
    ) -> None:
        self._raise = raise_alarm
        self._lose = lose
        self._count = 0

    def take(self, damage: Damage) -> None:
        """Take note of damage, as the store found it."""
        self._count += 1
        if self._count <= DAMAGE_ALARM_COUNT_MAX:
            self._raise(*_describe(damage))
        if damage.remedy == "fetch" and damage.page is not None:
            self._lose((damage.page,))

    def note_room(self, *, is_full: bool) -> None:
        """Say that the disk is full, or no longer is."""
        self._raise("alarm.store-full" if is_full else "alarm.store-resumed", {})


def _describe(damage: Damage) -> tuple[str, dict[str, object]]:
    code = {"back": "alarm.page-back", "index": "alarm.index-rebuilt", "blob": "alarm.blob-damaged"}.get(
        damage.remedy, "alarm.page-damaged"
    )
    details: dict[str, object] = {} if code != "alarm.page-damaged" else {"remedy": damage.remedy}
    if damage.page is not None:
        page = damage.page
        named = {"author": page.author, "audience": page.audience, "number": page.number, "journal": page.journal}
        details = named | details
    return code, details
