"""Structured rows moved as bytes: NumPy's own way looks at every field of every row, and takes a hundred times as long.

All rows here lie densely, one after the other. `rows.take(index)` moves bytes too; `rows[index]` does not.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["concatenate", "put", "read_field", "write_field"]

Rows = npt.NDArray[np.void]


def concatenate(parts: Sequence[Rows], layout: np.dtype[np.void]) -> Rows:
    """Return the rows of all parts, each of this layout."""
    assert all(part.dtype == layout for part in parts), "one layout"
    if len(parts) == 1:
        return parts[0]
    raw = np.dtype((np.void, layout.itemsize))
    joined: Rows = np.concatenate([part.view(raw) for part in parts]).view(layout)
    return joined


def put(into: Rows, index: npt.NDArray[np.integer], rows: Rows) -> None:
    """Put rows at these places."""
    raw = np.dtype((np.void, into.itemsize))
    into.view(raw)[index] = rows.view(raw)


def read_field(rows: Rows, name: str) -> Rows:
    """Return a field that is a row itself, densely."""
    layout, start = _find(rows, name)
    raw = rows.view(np.uint8).reshape(len(rows), rows.itemsize)[:, start : start + layout.itemsize]
    return raw.copy().reshape(-1).view(layout)


def write_field(rows: Rows, name: str, parts: Rows) -> None:
    """Write a field that is a row itself."""
    layout, start = _find(rows, name)
    assert parts.dtype == layout, "of one layout"
    dense = np.ascontiguousarray(parts.view((np.void, layout.itemsize)))
    space = rows.view(np.uint8).reshape(len(rows), rows.itemsize)
    space[:, start : start + layout.itemsize] = dense.view(np.uint8).reshape(len(rows), layout.itemsize)


def _find(rows: Rows, name: str) -> tuple[np.dtype[np.void], int]:
    assert rows.dtype.fields is not None, "rows are structured"
    layout, start = rows.dtype.fields[name][:2]
    return layout, start
