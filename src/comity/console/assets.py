"""What pages load: style sheets and scripts built from `web/`, under names that hold a hash of their content.

All of it is read once, at the start, and served from memory: as it is, or as it was compressed when it was built. A
name never means other bytes, so a browser keeps what it has.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final, NamedTuple

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.base.errors import OutageError

__all__ = ["ASSETS_PATH", "Assets"]

ASSETS_PATH: Final = "/assets"
_TYPES: Final = {
    "bin": "application/octet-stream",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}
_ENCODINGS: Final = {"br": ".br", "gzip": ".gz"}
"""Encodings that were prepared, the smaller first, with how their files end."""


class _Asset(NamedTuple):
    media: str
    bodies: dict[str, bytes]
    """By encoding; the empty one is the file itself."""


class Assets:
    """Everything that was built, by the stem that pages know it by (`console.css`) and by its whole name."""

    def __init__(self, folder: Traversable | None = None) -> None:
        """Read what was built.

        Raises:
            OutageError: `console.not-built`.
        """
        found = files("comity.console") / "static" if folder is None else folder
        try:
            self._names = msgspec.json.decode((found / "assets.json").read_bytes(), type=dict[str, str])
        except OSError as error:
            raise OutageError("console.not-built") from error
        self._assets = {name: _read(found, name) for name in self._names.values()}

    def find_path(self, stem: str) -> str:
        """Return the path under which a page loads an asset."""
        return f"{ASSETS_PATH}/{self._names[stem]}"

    def read(self, path: str) -> bytes:
        """Return the bytes of an asset, as they are without any encoding, by the path under which a page loads it."""
        return self._assets[path.removeprefix(f"{ASSETS_PATH}/")].bodies[""]

    def make_route(self) -> HTTPRouteHandler:
        """Return the route that serves them, to anybody."""

        @get(ASSETS_PATH + "/{name:str}", opt={"access": "anybody", "is_asset": True}, include_in_schema=False)
        async def asset(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
            found = self._assets.get(name)
            if found is None:
                raise NotFoundException
            accepted = {
                part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")
            }
            encoding = next((each for each in _ENCODINGS if each in accepted), "")
            headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
            if encoding:
                headers["Content-Encoding"] = encoding
            return Response(found.bodies[encoding], media_type=found.media, headers=headers)

        return asset


def _read(folder: Traversable, name: str) -> _Asset:
    bodies = {encoding: (folder / (name + end)).read_bytes() for encoding, end in _ENCODINGS.items()}
    return _Asset(_TYPES[name.rpartition(".")[2]], {"": (folder / name).read_bytes(), **bodies})
