"""Where a command gets a pact or a public record from: a profile that ships, or a file.

A profile's name wins over a file of that name; such a file is written `./NAME`. Files are read up to their limit and
one byte more (`cli.files`), so that whoever names a disk image gets a finding and not an outage.
"""

from importlib.resources import files
from pathlib import Path
from typing import Final

from comity.base.errors import UsageError
from comity.base.limits import PACT_SIZE_BYTES_MAX
from comity.cli.files import read_beginning
from comity.pact.compared import COMPARED, COMPARED_PACKAGE
from comity.pact.facts import FACTS_PACKAGE, FACTS_SUFFIX, RECORDS
from comity.pact.model import Pact
from comity.pact.profiles import DEFAULT_PROFILE, PROFILE_PACKAGE, PROFILE_SUFFIX, PROFILES

__all__ = ["FILE_OR_PROFILE", "is_pact_source", "read_pact_file", "read_public_record"]

FILE_OR_PROFILE: Final = "FILE|PROFILE"


def is_pact_source(name: str) -> bool:
    """Tell whether `name` is a profile or a file that is there."""
    return name in (*PROFILES, *COMPARED) or Path(name).is_file()


def read_pact_file(name: str = DEFAULT_PROFILE) -> bytes:
    """Return the bytes of a profile or a file; nothing is judged yet.

    Raises:
        UsageError: `file.unreadable`.
    """
    if name in PROFILES:
        return (files(PROFILE_PACKAGE) / (name + PROFILE_SUFFIX)).read_bytes()
    if name in COMPARED:
        return (files(COMPARED_PACKAGE) / (name + PROFILE_SUFFIX)).read_bytes()
    try:
        return read_beginning(Path(name), size_bytes_max=PACT_SIZE_BYTES_MAX)
    except UsageError as error:
        raise UsageError(error.code, file=name, profiles=", ".join((*PROFILES, *COMPARED))) from error


def read_public_record(pact: Pact, path: Path | None) -> bytes:
    """Read the public record in a file, or the one that ships for this pact.

    Raises:
        UsageError: `file.unreadable`, `account.no-record`.
    """
    if path is not None:
        return read_beginning(path, size_bytes_max=PACT_SIZE_BYTES_MAX)
    if pact.identity.id not in RECORDS:
        raise UsageError("account.no-record", pact=pact.identity.id)
    return (files(FACTS_PACKAGE) / (pact.identity.id + FACTS_SUFFIX)).read_bytes()
