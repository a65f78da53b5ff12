"""The one door for XML from outside: whatever the format, its bytes come in here (docs/spec/exchange.md, X30).

Rules
- No document type at all. So there is no entity to expand, no file to read and no address to fetch, and the first
  declaration ends the reading (`defusedxml`; docs/adr/0043).
- Size, depth, elements and attributes are bounded while reading, before a tree is there.
- Decoded by the declared encoding, strictly, if it is one of those that public warnings come in.
- Comments and processing instructions are passed over; a style sheet that one names is never looked for.

What comes out is a plain tree. The bytes themselves stay with the caller, who keeps them as they came.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from comity.base.errors import RemoteError
from comity.base.limits import (
    XML_ATTRIBUTE_COUNT_MAX,
    XML_DEPTH_MAX,
    XML_ELEMENT_COUNT_MAX,
    XML_NAME_SIZE_MAX,
    XML_SIZE_BYTES_MAX,
)

__all__ = ["Element", "format_text", "read_xml"]

_ENCODINGS: Final[Mapping[str, str]] = {
    "utf-8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "shift_jis": "shift_jis",
    "windows-31j": "cp932",
    "euc-jp": "euc-jp",
    "euc-kr": "euc-kr",
}
"""Encodings as XML declares them, and what Python calls them."""

_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MARK: Final = b"\xef\xbb\xbf"
_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Element:
    """One element: its namespace and name, the attributes, the children in order, and all text directly in it."""

    namespace: str
    name: str
    attributes: Mapping[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def find(self, name: str) -> "Element | None":
        """Return the first child of this name in whatever namespace, or None."""
        return next((child for child in self.children if child.name == name), None)

    def find_all(self, name: str) -> Iterator["Element"]:
        """Yield every child of this name in whatever namespace."""
        return (child for child in self.children if child.name == name)

    def find_text(self, *path: str) -> str:
        """Return the text at the end of a path of first children, stripped; empty where there is none."""
        at: Element | None = self
        for name in path:
            at = None if at is None else at.find(name)
        return "" if at is None else at.text.strip()


def read_xml(raw: bytes) -> Element:
    """Read a document and return its root.

    Raises:
        RemoteError: `bytes.too-large`, `xml.encoding`, `xml.doctype`, `xml.too-much`, `xml.malformed`.
    """
    if len(raw) > XML_SIZE_BYTES_MAX:
        raise RemoteError("bytes.too-large", size_bytes=len(raw), size_bytes_max=XML_SIZE_BYTES_MAX)
    grower = _Grower()
    # What is declared was obeyed in decoding; here UTF-8 is told from outside, which has precedence (XML 1.0, 4.3.3).
    parser = DefusedXMLParser(target=grower, encoding="utf-8", forbid_dtd=True)
    try:
        parser.feed(_decode(raw).encode())
        parser.close()
    except DefusedXmlException as error:
        raise RemoteError("xml.doctype", evidence=raw) from error
    except (ParseError, ValueError) as error:
        line, column = getattr(error, "position", (0, 0))
        raise RemoteError("xml.malformed", evidence=raw, line=line, column=column) from error
    return grower.get_root()


def format_text(text: str) -> str:
    """Return text as it may stand between two tags; what XML can't hold becomes a replacement character."""
    tame = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return tame.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _decode(raw: bytes) -> str:
    body = raw.removeprefix(_MARK)
    declared = _DECLARED.match(body)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    codec = _ENCODINGS.get(name)
    if codec is None or (body is not raw and codec != "utf-8"):
        raise RemoteError("xml.encoding", evidence=raw, encoding=name)
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        raise RemoteError("xml.encoding", evidence=raw, encoding=name, offset=error.start) from error


class _Grower:
    """What the parser tells of each element, within the bounds."""

    def __init__(self) -> None:
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._count = 0
        self._root: Element | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if self._count > XML_ELEMENT_COUNT_MAX:
            raise RemoteError("xml.too-much", what="elements", count_max=XML_ELEMENT_COUNT_MAX)
        if len(self._open) >= XML_DEPTH_MAX:
            raise RemoteError("xml.too-much", what="depth", count_max=XML_DEPTH_MAX)
        if len(attributes) > XML_ATTRIBUTE_COUNT_MAX:
            raise RemoteError("xml.too-much", what="attributes", count_max=XML_ATTRIBUTE_COUNT_MAX)
        if len(tag) > XML_NAME_SIZE_MAX:
            raise RemoteError("xml.too-much", what="name", count_max=XML_NAME_SIZE_MAX)
        namespace, _, name = tag.rpartition("}")
        element = Element(namespace.removeprefix("{"), name, dict(attributes))
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)
        self._texts.append([])

    def data(self, text: str) -> None:
        self._texts[-1].append(text)

    def end(self, _tag: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())

    def close(self) -> None:
        """What the parser asks of a target; the root is fetched by `get_root`."""

    def get_root(self) -> Element:
        assert self._root is not None, "a document without a root is not well-formed"
        return self._root
