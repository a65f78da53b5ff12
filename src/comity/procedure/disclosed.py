"""The disclosure of an earlier statement to those who could not read it when it was made (docs/spec/release.md, R28).

Whoever joins a pact reads nothing from before its circle (J34). A party that was a reader then may show it single
entries, each with the proof that its author signed it (S7). What was disclosed is history, shown as such: it takes part
in no fold, for the newcomer cannot know what else was said.
"""

from typing import Annotated, ClassVar

import msgspec

from comity.base.errors import RemoteError
from comity.base.limits import DISCLOSED_SIZE_BYTES_MAX, STATEMENT_SIZE_BYTES_MAX
from comity.journal.disclosure import parse_disclosure
from comity.procedure.entry import Entry

__all__ = ["ENTRIES", "EntryDisclosed", "find_disclosed"]


class EntryDisclosed(Entry, frozen=True):
    """The author shows an entry of a page that its addressees may not read, with its proof (S7).

    The certificate of the key that signed the page is enclosed where that key has been replaced since.
    """

    binding: ClassVar[bool] = True
    disclosure: Annotated[bytes, msgspec.Meta(min_length=1, max_length=DISCLOSED_SIZE_BYTES_MAX)]
    certificates: Annotated[
        tuple[Annotated[bytes, msgspec.Meta(max_length=STATEMENT_SIZE_BYTES_MAX)], ...], msgspec.Meta(max_length=1)
    ]


def find_disclosed(entry: EntryDisclosed) -> bytes:
    """Return the bytes of the entry that is disclosed; empty where the disclosure is out of form."""
    try:
        return parse_disclosure(entry.disclosure).entry
    except RemoteError:
        return b""


ENTRIES = (EntryDisclosed,)
