"""Writing an alert as CAP 1.2: the table of `cap`, in its order, in UTF-8.

What the table demands and the alert lacks is a bug of ours: who makes an alert (`cap_make`) fills it in. A test holds
what is written against the rules of the published schema.
"""

from collections.abc import Iterator

from comity.exchange.cap import ALERT, CAP, Alert, Field, Group
from comity.exchange.xml_door import format_text

__all__ = ["format_alert"]


def format_alert(alert: Alert) -> bytes:
    """Return an alert as a document."""
    head = ('<?xml version="1.0" encoding="UTF-8"?>', f'<alert xmlns="{CAP}">')
    return "\n".join((*head, *_walk(alert, ALERT, 1), "</alert>", "")).encode()


def _walk(value: object, group: Group, depth: int) -> Iterator[str]:
    for field in group.fields:
        found = getattr(value, field.attribute)
        # A required text may be empty: others write it so, and the schema permits it.
        rows = found if field.is_list else (found,) if found or field.is_required else ()
        assert rows or not field.is_required, f"an alert of ours lacks {field.element}"
        for row in rows:
            yield from _format(row, field, depth)


def _format(value: object, field: Field, depth: int) -> Iterator[str]:
    space = "  " * depth
    if isinstance(field.holds, Group):
        yield f"{space}<{field.element}>"
        yield from _walk(value, field.holds, depth + 1)
        yield f"{space}</{field.element}>"
    else:
        yield f"{space}<{field.element}>{format_text(str(value))}</{field.element}>"
