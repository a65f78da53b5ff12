"""The files of a realm that a person writes in TOML: alarm, contacts, the identity provider, the table of MISP.

For any bytes the outcome is a struct or one refusal with its code: size and depth are bounded before `tomllib`, which
recurses, sees any of it. What is wrong is said in the decoder's words, cut short, and no more of the file is repeated.
"""

import tomllib
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from comity.base.errors import UsageError
from comity.pact.lines import index_lines

__all__ = ["parse_toml", "read_bytes"]

WHY_SIZE_MAX: Final = 200

T = TypeVar("T")


def parse_toml(raw: bytes, type_: type[T], *, size_bytes_max: int, code: str) -> T:
    """Read a file's bytes as a struct.

    Raises:
        UsageError: `code`, with what is wrong as `why`.
    """
    if len(raw) > size_bytes_max:
        raise UsageError(code, why=f"larger than {size_bytes_max} bytes")
    try:
        text = raw.decode()
        deep = index_lines(text).too_deep_line
        if deep is not None:
            raise ValueError(f"line {deep}: too deep")  # noqa: TRY301 -- caught with the others
        return msgspec.convert(tomllib.loads(text), type_)
    except (ValueError, RecursionError) as error:
        raise UsageError(code, why=str(error)[:WHY_SIZE_MAX]) from error


def read_bytes(path: Path, *, size_bytes_max: int) -> bytes:
    """Return a file's bytes, but never more than one beyond the limit: then `parse_toml` refuses them.

    Raises:
        OSError: as the system says.
    """
    with path.open("rb") as file:
        return file.read(size_bytes_max + 1)
