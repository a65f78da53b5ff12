"""What a form brought: named texts, bounded in number and size, read in one place.

A browser sends line ends as CR LF; here they are LF, so that what was typed, shown and signed are the same text. Names
that the acts themselves use (`RESERVED`) are never among a page's own fields.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from litestar import Request

from comity.base.errors import UsageError

__all__ = ["RESERVED", "Fields", "read_fields"]

RESERVED: Final = frozenset({"form", "digest", "key", "role", "back"})
ROW_COUNT_MAX: Final = 512
NAME_SIZE_MAX: Final = 64
TEXT_SIZE_MAX: Final = 64 * 1024


class Fields:
    """The fields of one form, in order, and the parts of the path that it went to (`place`)."""

    def __init__(self, rows: Iterable[tuple[str, str]] = (), place: Mapping[str, str] | None = None) -> None:
        self.rows = tuple(rows)
        self.place = dict(place or {})

    def find(self, name: str, default: str = "") -> str:
        """Return the first text of a name, without white space around it, or what stands for none."""
        return next((text.strip() for row, text in self.rows if row == name), default)

    def get(self, name: str) -> str:
        """Return a text that must be there and not be empty.

        Raises:
            UsageError: `console.field-missing`.
        """
        text = self.find(name)
        if not text:
            raise UsageError("console.field-missing", field=name[:NAME_SIZE_MAX])
        return text

    def list(self, name: str) -> tuple[str, ...]:
        """Return every text of a name that is not empty, in order: boxes ticked, rows filled."""
        texts = (text.strip() for row, text in self.rows if row == name)
        return tuple(text for text in texts if text)

    def find_number(self, name: str, default: int = 0) -> int:
        """Return a whole number of nought or more.

        Raises:
            UsageError: `console.field-malformed`.
        """
        text = self.find(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise UsageError("console.field-malformed", field=name[:NAME_SIZE_MAX])
        return int(text)

    @property
    def size(self) -> int:
        """Roughly what they take in memory."""
        return sum(len(name) + 4 * len(text) + 128 for name, text in self.rows)


async def read_fields(request: Request[Any, Any, Any]) -> tuple[Fields, dict[str, str]]:
    """Return a page's own fields of a request, and those that the acts use.

    Raises:
        UsageError: `console.malformed`.
    """
    given = list(
        (await request.form()).multi_items() if request.method == "POST" else request.query_params.multi_items()
    )
    if len(given) > ROW_COUNT_MAX:
        raise UsageError("console.malformed")
    rows, reserved = [], {}
    for name, value in given:
        if not isinstance(value, str) or len(name) > NAME_SIZE_MAX or len(value) > TEXT_SIZE_MAX:
            raise UsageError("console.malformed")
        if name in RESERVED:
            reserved[name] = value
        else:
            rows.append((name, value.replace("\r\n", "\n").replace("\r", "\n")))
    place = {name: str(value) for name, value in request.path_params.items()}
    return Fields(rows, place), reserved
