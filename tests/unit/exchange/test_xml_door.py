"""The door for XML: nothing is expanded, opened or fetched; what is too large ends early; encodings are obeyed."""

import builtins
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import RemoteError
from comity.exchange.xml_door import format_text, read_xml
from kit.outside import DATA, NO_DATA

LAUGHS = b'<!DOCTYPE lolz [<!ENTITY lol "lol">' + b"".join(
    b'<!ENTITY lol%d "%s">' % (number, b"&lol%d;" % (number - 1) * 10 if number > 1 else b"&lol;" * 10)
    for number in range(1, 10)
)


def _refused(raw: bytes) -> str:
    with pytest.raises(RemoteError) as caught:
        read_xml(raw)
    return caught.value.code


def _read_shut_in(raw: bytes) -> str:
    """Read a document where whoever opens a file or a connection fails the test; return the code."""

    def fail(*_: Any, **__: Any) -> Any:
        raise AssertionError("something outside was opened")

    read_xml(b"<a/>")  # what is imported on the way is imported now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "open", fail)
        patch.setattr(os, "open", fail)
        patch.setattr(socket, "socket", fail)
        return _refused(raw)


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file://%s">]>',
        b'<!DOCTYPE a SYSTEM "file://%s">',
        b'<!DOCTYPE a [<!ENTITY %% x SYSTEM "file://%s"> %%x;]>',
    ],
)
def test_no_file_is_read(tmp_path: Path, declaration: bytes) -> None:
    """An entity, a document type or a parameter entity that names a file: refused, and the file was not opened."""
    (tmp_path / "canary").write_text("the canary sings")
    raw = declaration % str(tmp_path / "canary").encode() + b"<a>&x;</a>"
    assert _read_shut_in(raw) == "xml.doctype"


@pytest.mark.skipif(not DATA.exists(), reason=NO_DATA)
def test_the_attack_of_the_samples_reads_nothing() -> None:
    """`xee.cap` names a password file and four addresses: refused at the declaration, nothing opened."""
    raw = (DATA / "cap" / "samples" / "xee.cap").read_bytes()
    assert _read_shut_in(raw) == "xml.doctype"


def test_the_billion_laughs_are_not_laughed() -> None:
    """Entities within entities, and one alone."""
    assert _refused(LAUGHS + b"]><a>&lol9;</a>") == "xml.doctype"
    assert _refused(b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>') == "xml.doctype"
    assert _refused(b"<!DOCTYPE a><a/>") == "xml.doctype"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"<a>" * 33 + b"</a>" * 33, "xml.too-much"),
        (b"<a>" + b"<b/>" * 50_000 + b"</a>", "xml.too-much"),
        (b"<a " + b" ".join(b'x%d="1"' % number for number in range(65)) + b"/>", "xml.too-much"),
        (b"<" + b"a" * 600 + b"/>", "xml.too-much"),
        (b"<a>" + b" " * 2_100_000 + b"</a>", "bytes.too-large"),
        (b"", "xml.malformed"),
        (b"<a>", "xml.malformed"),
        (b"<a></b>", "xml.malformed"),
        (b"<a/><b/>", "xml.malformed"),
        (b"<a>&nbsp;</a>", "xml.malformed"),
        (b"<a x='1' x='2'/>", "xml.malformed"),
        (b"<x:a/>", "xml.malformed"),
        (b"\xff\xfe<\0a\0/\0>\0", "xml.encoding"),
        (b"<?xml version='1.0' encoding='UTF-7'?><a/>", "xml.encoding"),
        (b"<?xml version='1.0' encoding='utf-8'?><a>\xe9</a>", "xml.encoding"),
        (b"<?xml version='1.0' encoding='us-ascii'?><a>\xc3\xa9</a>", "xml.encoding"),
        (b"\xef\xbb\xbf<?xml version='1.0' encoding='iso-8859-1'?><a/>", "xml.encoding"),
        (b"<?xml version='1.0' encoding='shift_jis'?><a>\x81</a>", "xml.encoding"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_code(raw: bytes, code: str) -> None:
    """Bounds of size, depth, number and names; bad form; bad encoding."""
    assert _refused(raw) == code


def test_what_lies_just_within_the_bounds_is_read() -> None:
    """A bound that is off by one refuses what is right."""
    assert read_xml(b"<a>" * 32 + b"</a>" * 32).name == "a"
    assert len(read_xml(b"<a>" + b"<b/>" * 49_999 + b"</a>").children) == 49_999
    assert len(read_xml(b"<a " + b" ".join(b'x%d="1"' % number for number in range(64)) + b"/>").attributes) == 64


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "Shift_JIS", "EUC-JP", "EUC-KR", "Windows-31J"])
def test_the_declared_encoding_is_obeyed(encoding: str) -> None:
    """The same text from different bytes."""
    text = "Ménage" if encoding in ("UTF-8", "ISO-8859-1") else "tsunami 29.7"
    text = {"Shift_JIS": "津波注意報", "EUC-JP": "津波注意報", "Windows-31J": "①", "EUC-KR": "경보"}.get(encoding, text)
    codec = {"Windows-31J": "cp932"}.get(encoding, encoding)
    raw = f"<?xml version='1.0' encoding='{encoding}' standalone='yes'?>\n<a>{text}</a>".encode(codec)
    assert read_xml(raw).text == text


def test_namespaces_texts_and_paths() -> None:
    """Text around children is joined, comments are passed over, a style sheet is not looked for."""
    root = read_xml(
        b"<?xml version='1.0'?><?xml-stylesheet href='http://nowhere.test/x.xsl' type='text/xsl'?>"
        b"<n:a xmlns:n='urn:n' xmlns='urn:d'>one<!-- no --> two<b k='v'> x </b>three<b/></n:a>"
    )
    assert (root.namespace, root.name, root.text) == ("urn:n", "a", "one twothree")
    first, second = root.find_all("b")
    assert (first.namespace, first.attributes, root.find_text("b"), second.text) == ("urn:d", {"k": "v"}, "x", "")
    assert (root.find("c"), root.find_text("c", "d")) == (None, "")


def test_text_is_written_so_that_it_reads_back() -> None:
    """Angles and ampersands, a carriage return; what XML can't hold is replaced."""
    text = "a < b & c > d ]]> \r\n\t end"
    assert read_xml(b"<a>" + format_text(text).encode() + b"</a>").text == text
    assert format_text("\0\x0b\ud800\uffff") == "\N{REPLACEMENT CHARACTER}" * 4
