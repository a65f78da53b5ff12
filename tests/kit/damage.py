"""Damage to a store's files, as a disk does it: bits that flip and blocks that are overwritten."""

from pathlib import Path

__all__ = ["BLOCK_SIZE_BYTES", "alter", "flip", "smear"]

BLOCK_SIZE_BYTES = 4096


def _find_all(path: Path, piece: bytes) -> list[int]:
    content, found, at = path.read_bytes(), [], -1
    while (at := content.find(piece, at + 1)) >= 0:
        found.append(at)
    return found


def _files(store: Path) -> list[Path]:
    return [path for path in (store, store.with_name(store.name + "-wal")) if path.exists()]


def flip(store: Path, piece: bytes, *, offset: int = 0, in_log: bool = True) -> int:
    """Flip one bit wherever `piece` lies in the store or its log, `offset` bytes into it; return in how many places."""
    count = 0
    for path in _files(store) if in_log else (store,):
        for at in _find_all(path, piece):
            with path.open("r+b") as file:
                file.seek(at + offset)
                (byte,) = file.read(1)
                file.seek(at + offset)
                file.write(bytes([byte ^ 0x10]))
                count += 1
    return count


def smear(store: Path, piece: bytes) -> int:
    """Overwrite the head of every block in which `piece` lies; return in how many places."""
    count = 0
    for path in _files(store):
        shift = 0 if path == store else 32 + 24
        for at in _find_all(path, piece):
            size = BLOCK_SIZE_BYTES + (24 if shift else 0)
            begin = shift + (at - shift) // size * size
            with path.open("r+b") as file:
                file.seek(begin)
                file.write(b"\xee" * 64)
                count += 1
    return count


def alter(store: Path, at: int, *, mask: int) -> None:
    """Flip the bits of a mask in one byte of the store."""
    content = bytearray(store.read_bytes())
    content[at] ^= mask
    store.write_bytes(content)
