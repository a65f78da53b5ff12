"""What a file or a deposit would become, before anybody confirms it: by marking what goes to whom, and what is refused.

Nothing is decided here: the import itself says it (X13), asked for a preview. What was shown is what is confirmed: a
preview that reads otherwise when it is done, does nothing.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from comity.api.alerts import TakingAlert, take_alert
from comity.api.desk import Desk
from comity.api.intake import Intake
from comity.base.catalogue import CODES
from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.base.names import Digest, Party
from comity.exchange.marker import Wish

__all__ = ["ALERT", "Preview", "Upload", "import_upload", "preview_deposit", "preview_upload", "take_deposit"]

ALERT: Final = "alert"
"""The format of a public warning: of CAP or of JMA, as its own bytes say."""
REFUSED_COUNT: Final = 100
"""How many refused objects are named; how many there are is said."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it came, and what its officer said of all that is in it."""

    raw: bytes
    name: str
    format: str
    to: tuple[Party, ...]
    wish: Wish


@dataclass(frozen=True, slots=True)
class Group:
    """What comes in under one marking. `withheld`: who of those named may not have it, with the clause."""

    marking: Mapping[str, Any]
    object_count: int
    to: tuple[Party, ...]
    withheld: tuple[tuple[Party, str], ...]
    is_known: bool
    supersedes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """All of it. `headline` is that of a warning; `refused` are numbers, ids and codes of objects, the first ones."""

    groups: tuple[Group, ...]
    refused: tuple[tuple[int, str, str], ...] = ()
    refused_count: int = 0
    headline: str = ""
    basis: bytes = field(default=b"", compare=False)

    @property
    def object_count(self) -> int:
        """How many objects would be stored, or are already."""
        return sum(group.object_count for group in self.groups)

    @property
    def readers(self) -> tuple[Party, ...]:
        """Who would be given any of it, besides our own party."""
        return tuple(sorted({party for group in self.groups for party in group.to}))


async def preview_upload(desk: Desk, intake: Intake, upload: Upload) -> Preview:
    """Return what would become of a file.

    Raises:
        RemoteError: what its reader refuses the whole file for.
        UsageError: `exchange.wish`, `cap.other-realm`, `cap.no-mapping`, `release.withheld`.
    """
    if upload.format == ALERT:
        found = await take_alert(desk, _make_taking(upload, is_preview=True), intake.known)
        group = _show_group(found["marking"], 1, found.get("decided", {}), desk.node.machine.party,
                            is_known=found["is_known"], supersedes=found["supersedes"])  # fmt: skip
        return _seal(Preview((group,), headline=next(iter(found["alert"]["headlines"]), "")), upload.raw)
    shown = await intake.importer.take(
        upload.raw, format_=upload.format, to=upload.to, wish=upload.wish, is_preview=True
    )
    return _seal(_show_import(shown, desk.node.machine.party), upload.raw)


async def preview_deposit(desk: Desk, intake: Intake, deposit: str) -> Preview:
    """Return what would become of a deposit that waits.

    Raises:
        UsageError: `deposit.unknown`, `deposit.closed`; what an import raises.
        OutageError: `deposit.unreadable`.
    """
    shown = await intake.receptions.import_deposit(deposit, is_preview=True)
    return _seal(_show_import(shown, desk.node.machine.party), deposit.encode())


async def import_upload(desk: Desk, intake: Intake, upload: Upload, seen: Preview) -> tuple[Digest, ...]:
    """Import a file as it was shown; return the items.

    Raises:
        UsageError: `console.changed-meanwhile`, `exchange.partly-stored`; as `preview_upload`, and what giving raises.
    """
    if await preview_upload(desk, intake, upload) != seen:
        raise UsageError("console.changed-meanwhile")
    if upload.format == ALERT:
        taken = await take_alert(desk, _make_taking(upload, is_preview=False), intake.known)
        return (Digest(bytes.fromhex(taken["item"])),)
    return _list_items(
        await intake.importer.take(upload.raw, format_=upload.format, to=upload.to, wish=upload.wish, is_preview=False)
    )


async def take_deposit(desk: Desk, intake: Intake, deposit: str, seen: Preview) -> tuple[Digest, ...]:
    """Import a deposit as it was shown; return the items.

    Raises:
        UsageError: `console.changed-meanwhile`, `exchange.partly-stored`; as `preview_deposit`, and what giving raises.
    """
    if await preview_deposit(desk, intake, deposit) != seen:
        raise UsageError("console.changed-meanwhile")
    return _list_items(await intake.receptions.import_deposit(deposit, is_preview=False))


def _list_items(shown: Mapping[str, Any]) -> tuple[Digest, ...]:
    if shown["failed_count"]:
        raise UsageError("exchange.partly-stored", stored=shown["object_count"], failed=shown["failed_count"])
    return tuple(Digest(bytes.fromhex(row["item"])) for row in shown["items"] if row["item"])


def _make_taking(upload: Upload, *, is_preview: bool) -> TakingAlert:
    return TakingAlert(
        alert=base64.b64encode(upload.raw).decode(), to=upload.to, level=upload.wish.level, topics=upload.wish.topics,
        caveats=upload.wish.caveats, preview=is_preview,
    )  # fmt: skip


def _show_import(shown: Mapping[str, Any], own: Party) -> Preview:
    groups = tuple(
        _show_group(row["marking"], row["object_count"], row["decisions"], own, is_known=row["is_known"],
                    supersedes=row["supersedes"])
        for row in shown["items"]
    )  # fmt: skip
    refused = tuple((row["index"] + 1, row["id"], row["code"]) for row in shown["refused"][:REFUSED_COUNT])
    assert all(code in CODES for _, _, code in refused), "each refusal has a row in the catalogue"
    return Preview(groups, refused, len(shown["refused"]))


def _show_group(
    marking: Mapping[str, Any], count: int, decided: Mapping[str, Any], own: Party, *, is_known: bool,
    supersedes: Iterable[str],
) -> Group:  # fmt: skip
    answers = [(party, answer) for party, answer in decided.get("by_party", ()) if party != own]
    withheld = tuple((party, str(answer["clause"])) for party, answer in answers if "path" not in answer)
    to = tuple(party for party, answer in answers if "path" in answer)
    return Group(marking, count, to, withheld, is_known, tuple(supersedes))


def _seal(preview: Preview, raw: bytes) -> Preview:
    """Say what a confirmation rests on: the very bytes, and everything that was shown of them."""
    shown = repr((preview.groups, preview.refused, preview.refused_count, preview.headline)).encode()
    basis = encode(["intake", hashlib.sha256(raw).digest(), hashlib.sha256(shown).digest()])
    return Preview(preview.groups, preview.refused, preview.refused_count, preview.headline, basis)
