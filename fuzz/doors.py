"""Every door there is, by name."""

from fuzz import (
    audits,
    bundles,
    copies,
    entries,
    exchange,
    files,
    floor,
    links,
    machines,
    outside,
    pages,
    releases,
    statements,
    warning,
)
from fuzz.door import Door

__all__ = ["DOORS"]

DOORS: dict[str, Door] = {
    door.name: door
    for family in (
        pages,
        statements,
        bundles,
        entries,
        releases,
        links,
        files,
        floor,
        exchange,
        copies,
        audits,
        machines,
        outside,
        warning,
    )
    for door in family.DOORS
}
