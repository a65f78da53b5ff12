"""A data package for one TAK client: where the port is, whom to trust there, and what to show (X66).

A zip file as ATAK, WinTAK and iTAK import it, and pytak reads it: a manifest, preferences and two files of PKCS #12.
Who has it may come in as that client; the passphrase lies in it, as these programs want it.
"""

import io
import zipfile
from typing import Final, NamedTuple

from comity.exchange.cot import format_tree
from comity.exchange.xml_door import Element

__all__ = ["Package", "make_package"]

_DATE: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o600 << 16
_STRING: Final = "class java.lang.String"
_BOOLEAN: Final = "class java.lang.Boolean"
_INTEGER: Final = "class java.lang.Integer"


class Package(NamedTuple):
    """What goes into one. `host` and `port` are where the client reaches the port."""

    name: str
    title: str
    host: str
    port: int
    passphrase: str
    trust: bytes
    sealed: bytes

    def __repr__(self) -> str:
        return f"Package({self.name!r})"


def make_package(package: Package) -> bytes:
    """Return the zip file."""
    files = {
        "MANIFEST/manifest.xml": _format_manifest(package),
        "certs/preference.pref": _format_preferences(package),
        "certs/trust.p12": package.trust,
        "certs/client.p12": package.sealed,
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name, content in files.items():
            row = zipfile.ZipInfo(name, _DATE)
            row.external_attr = _MODE
            file.writestr(row, content)
    return held.getvalue()


def _format_manifest(package: Package) -> bytes:
    parameters = {"uid": f"comity-{package.name}", "name": package.title, "onReceiveDelete": "true"}
    entries = ("certs/preference.pref", "certs/trust.p12", "certs/client.p12")
    configuration = [Element("", "Parameter", {"name": key, "value": value}) for key, value in parameters.items()]
    contents = [Element("", "Content", {"ignore": "false", "zipEntry": entry}) for entry in entries]
    inside = [Element("", "Configuration", {}, configuration), Element("", "Contents", {}, contents)]
    return format_tree(Element("", "MissionPackageManifest", {"version": "2"}, inside))


def _format_preferences(package: Package) -> bytes:
    host = f"[{package.host}]" if ":" in package.host else package.host
    streams = (
        ("count", _INTEGER, "1"),
        ("description0", _STRING, package.title),
        ("enabled0", _BOOLEAN, "true"),
        ("connectString0", _STRING, f"{host}:{package.port}:ssl"),
    )
    preferences = (
        ("displayServerConnectionWidget", _BOOLEAN, "true"),
        ("caLocation", _STRING, "cert/trust.p12"),
        ("caPassword", _STRING, package.passphrase),
        ("certificateLocation", _STRING, "cert/client.p12"),
        ("clientPassword", _STRING, package.passphrase),
    )
    rows = (("cot_streams", streams), ("com.atakmap.app_preferences", preferences))
    inside = [
        Element("", "preference", {"version": "1", "name": name}, [_entry(*entry) for entry in entries])
        for name, entries in rows
    ]
    return format_tree(Element("", "preferences", {}, inside))


def _entry(key: str, class_: str, value: str) -> Element:
    return Element("", "entry", {"key": key, "class": class_}, text=value)
