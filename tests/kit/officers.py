"""Officers of a node under test: they hold their roles as long as a test needs them, and are gone after it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from comity.base.instants import Instant
from comity.node.node import Node
from comity.node.officers import OfficerBook

__all__ = ["have_officers"]


@contextmanager
def have_officers(node: Node, roles: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    """Let these officers hold these roles at a node, and nobody else; yields the token of each."""
    book, at = OfficerBook(), Instant(node.now() - 1)
    tokens = {name: book.add(name, held, at=at) for name, held in roles.items()}
    node.officers = book
    try:
        yield tokens
    finally:
        node.officers = OfficerBook()
