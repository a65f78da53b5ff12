"""`comity backup`, `comity backup verify`, `comity restore`: one sealed file for a home, checked, and put back.

What opens a backup: a passphrase, and the party's recovery keys, whose secrets lie in the root's vault. The passphrase
is in COMITY_BACKUP_PASSPHRASE or --passphrase-file; else it is the home's own, unless the home unlocks unattended: what
lies beside the keys on the same disk would be lost with them.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg
from comity.base.names import Party
from comity.cli.asking import Client, find_realm_path, home_option
from comity.cli.files import read_beginning, read_bounded
from comity.cli.help_page import CommandGroup
from comity.cli.passphrase import ask_passphrase, open_home_asking
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table, progress
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.crypto.vault import VAULT_SIZE_BYTES_MAX, open_vault
from comity.node.backup.make import Openers, make_backup
from comity.node.backup.manifest import Manifest
from comity.node.backup.restore import check_backup, restore_backup
from comity.node.backup.sealed_file import Keys
from comity.node.bell import read_clock
from comity.node.home import PASSPHRASE_SIZE_BYTES_MAX, UNLOCK_KEY, Home, read_passphrase
from comity.node.marks import note_backed_up

__all__ = [
    "COMMANDS",
    "back_up",
    "find_backup_file",
    "find_keys",
    "open_root_vault",
    "passphrase_option",
    "with_progress",
]

BACKUP_PASSPHRASE_VARIABLE: Final = "COMITY_BACKUP_PASSPHRASE"  # noqa: S105 -- the name of a variable
_STEPS: Final = 1000


class _Defaulting(CommandGroup):
    """A group whose first argument may be a file: `comity backup FILE` is `comity backup make FILE`."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Insert the default command where none is named."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["make", *args])


def passphrase_option(command: Any) -> Any:
    """Add `--passphrase-file` to a command."""
    return click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help=say("A file with the backup's passphrase; else COMITY_BACKUP_PASSPHRASE."),
    )(command)


@click.group(cls=_Defaulting, help=say("Back up a home into one sealed file: `comity backup FILE|FOLDER`."))
def backup() -> None:
    """See `help` above."""


@backup.command(help=say("Back up a home; the nodes may run. In a folder, the file is named after party and instant."))
@click.argument("target", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@home_option
@click.option("--realm", default="", help=say("Only this realm; all of them if left out."))
@click.option("--with-root", is_flag=True, help=say("Put the root's vault in, too; whoever opens it has the root."))
@passphrase_option
@json_option
def make(target: Path, home: Path, realm: str, with_root: bool, passphrase_file: Path | None) -> None:
    """See `help` above."""
    opened = open_home_asking(home)
    at = read_clock()
    file = find_backup_file(target, party=opened.party, at=at)
    realms = [find_realm_path(home, realm)] if realm else None
    manifest, openers = back_up(
        opened, file, at=at, with_root=with_root, realms=realms, passphrase_file=passphrase_file
    )
    if is_json():
        emit({"file": str(file), **_as_json(manifest), "opens_with": _list_openers(openers)})
        return
    print_line("Wrote {path}: {size} bytes.", path=str(file), size=file.stat().st_size)
    _print_manifest(manifest)
    if not openers.passphrase:
        print_line("It opens with the root's vault only: keep that elsewhere, or give a passphrase as well.")
    print_line("Check it now and then: comity backup verify {path}", path=str(file))


def find_backup_file(target: Path, *, party: Party, at: Instant) -> Path:
    """Return the file meant: `target`, or in a folder one that is named after party and instant."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at // 1000))
    return target / f"{party}-{stamp}.comity-backup" if target.is_dir() else target


def back_up(
    opened: Home, file: Path, *, at: Instant, with_root: bool = False, realms: list[Path] | None = None,
    passphrase_file: Path | None = None,
) -> tuple[Manifest, Openers]:  # fmt: skip
    """Back up an opened home, all realms if none is named; return what is in the file, and what opens it."""
    openers = Openers(_find_recovery_publics(opened), _find_passphrase(opened, passphrase_file))
    folders = sorted(path for path in (opened.path / "realms").glob("*") if path.is_dir())
    chosen = folders if realms is None else realms
    manifest = make_backup(
        opened.path, file, party=opened.party, at=at, openers=openers, with_root=with_root,
        realms=chosen, copy_running=_copy_running, suite=ProductionSuite(), ceremony=ProductionCeremony(),
    )  # fmt: skip
    for folder in chosen:
        note_backed_up(opened.path, folder.name, at=at)
    return manifest, openers


@backup.command(help=say("Open a backup and check every digest and every page in it; nothing is restored."))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--root-vault", type=click.Path(path_type=Path, exists=True), help=say("The root's vault, to open it."))
@passphrase_option
@json_option
def verify(file: Path, root_vault: Path | None, passphrase_file: Path | None) -> None:
    """See `help` above."""
    keys = find_keys(root_vault, passphrase_file)
    manifest = with_progress(file, lambda step: check_backup(file, keys, suite=ProductionSuite(), step=step))
    if is_json():
        emit(_as_json(manifest))
        return
    print_line("The backup is whole: every file and every page in it is what was written.")
    _print_manifest(manifest)


@click.command(help=say("Put a backup back into a new folder; its node first fetches back what it said since."))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--home", type=click.Path(path_type=Path), required=True, help=say("The folder; empty, or not there."))
@click.option("--root-vault", type=click.Path(path_type=Path, exists=True), help=say("The root's vault, to open it."))
@passphrase_option
@json_option
def restore(file: Path, home: Path, root_vault: Path | None, passphrase_file: Path | None) -> None:
    """See `help` above."""
    keys = find_keys(root_vault, passphrase_file)
    manifest = with_progress(file, lambda step: restore_backup(file, home, keys, suite=ProductionSuite(), step=step))
    if is_json():
        emit({"home": str(home), **_as_json(manifest)})
        return
    print_line("Restored the home of {party} into {path}.", party=manifest.party, path=str(home))
    _print_manifest(manifest)
    print_line("Make sure that no other node of {party} runs: two would speak against each other.",
               party=manifest.party, style="bold")  # fmt: skip
    print_line("The node fetches back from its readers what it said after the backup, before it says anything new.")
    print_line("Now: comity doctor --home {home}, then comity node run --home {home}", home=str(home))


def _find_recovery_publics(home: Home) -> tuple[bytes, ...]:
    found = (home.get_realm_secrets(realm).recovery_public for realm in home.find_realms())
    return tuple(dict.fromkeys(found))


def _read_passphrase(file: Path | None) -> bytes:
    if file is not None:
        return read_bounded(file, PASSPHRASE_SIZE_BYTES_MAX).rstrip(b"\r\n")
    return os.environ.get(BACKUP_PASSPHRASE_VARIABLE, "").encode()


def _find_passphrase(home: Home, file: Path | None) -> bytes:
    given = _read_passphrase(file)
    is_unattended = (home.path / UNLOCK_KEY).exists()
    return given or (b"" if is_unattended else home.passphrase)


def find_keys(root_vault: Path | None, passphrase_file: Path | None) -> Keys:
    """Return what the caller holds: recovery secrets from the root's vault, else a passphrase, asked for if need be."""
    if root_vault is None:
        passphrase = _read_passphrase(passphrase_file) or read_passphrase()
        if not passphrase:
            passphrase = ask_passphrase(say("Passphrase of the backup"))
        return Keys(passphrase)
    passphrase = _find_root_passphrase(root_vault, _read_passphrase(None))
    held = _open_vault_file(root_vault, passphrase)
    return Keys(
        passphrase,
        tuple(secret for name, secret in held.items() if "#recovery" in name and not name.endswith("-public")),
    )


def open_root_vault(file: Path) -> dict[str, bytes]:
    """Open a root's vault that lies anywhere: with the key beside it, else a passphrase, asked for if need be."""
    return _open_vault_file(file, _find_root_passphrase(file, b""))


def _find_root_passphrase(file: Path, given: bytes) -> bytes:
    beside = file.parent / UNLOCK_KEY
    if beside.exists():
        return read_bounded(beside, PASSPHRASE_SIZE_BYTES_MAX)
    known = given or read_passphrase()
    return known or ask_passphrase(say("Passphrase of the root's vault"))


def _open_vault_file(file: Path, passphrase: bytes) -> dict[str, bytes]:
    return open_vault(read_beginning(file, size_bytes_max=VAULT_SIZE_BYTES_MAX), passphrase=passphrase)


def _copy_running(realm: Path, copy: Path) -> None:
    """Have the node that runs on a realm copy its store."""
    client = Client(realm.parent.parent, realm.name)
    try:
        client.post("/v1/store/copy", None)
    finally:
        client.close()
    if not copy.exists():
        raise UsageError("file.unreadable", file=str(copy))


def with_progress(file: Path, work: Callable[[Callable[[int], None]], Manifest]) -> Manifest:
    """Do work on a backup, and show how far it is."""
    size = max(file.stat().st_size, 1)
    with progress("checking the backup", total=_STEPS) as bar:
        return work(lambda done: bar(done * _STEPS // size))


def _list_openers(openers: Openers) -> list[str]:
    return [*(["passphrase"] if openers.passphrase else []), *(["recovery"] if openers.recovery_publics else [])]


def _as_json(manifest: Manifest) -> dict[str, Any]:
    return {
        "party": manifest.party,
        "made_at": manifest.made_at,
        "version": manifest.version,
        "has_root": manifest.has_root,
        "files": [{"path": part.path, "size_bytes": part.size_bytes} for part in manifest.files],
        "stores": [
            {"path": part.path, "format": part.format, "page_count": part.page_count, "lost_count": part.lost_count}
            for part in manifest.stores
        ],
    }


def _print_manifest(manifest: Manifest) -> None:
    print_line("Home of {party}, as it was at {at}; {count} files.", party=manifest.party,
               at=format_dtg(Instant(manifest.made_at)), count=len(manifest.files))  # fmt: skip
    print_table(("store", "pages", "lost"), [(part.path, part.page_count, part.lost_count) for part in manifest.stores])
    if manifest.has_root:
        print_line("The root's vault is in it: keep it as you keep the root.", style="bold")


COMMANDS = (backup, restore)
