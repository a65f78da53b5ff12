"""A home that is built anew, restored or recovered: nothing is in its place until all is there and durable."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from comity.base.errors import OutageError, UsageError
from comity.node.durable import sync_folder, sync_tree

__all__ = ["building", "check_free"]


def check_free(home: Path) -> None:
    """Return if a home may be put here: into a folder that is empty or not there.

    Raises:
        UsageError: `home.folder-taken`.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise UsageError("home.folder-taken", path=str(home))


@contextlib.contextmanager
def building(home: Path, *, suffix: str) -> Iterator[Path]:
    """Give the folder beside the home to build it in, named with this suffix; after the block it is the home.

    Raises:
        UsageError: `home.folder-taken`, where somebody builds there already.
        OutageError: `backup.not-written`.
    """
    partial = home.with_name(home.name + suffix)
    try:
        partial.mkdir(parents=True, mode=0o700)
    except FileExistsError as error:
        raise UsageError("home.folder-taken", path=str(partial)) from error
    except OSError as error:
        raise OutageError("backup.not-written", file=str(partial)) from error
    try:
        yield partial
        if home.exists():
            home.rmdir()
        sync_tree(partial)
        partial.rename(home)
        sync_folder(home.parent)
    except OSError as error:
        raise OutageError("backup.not-written", file=str(home)) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
