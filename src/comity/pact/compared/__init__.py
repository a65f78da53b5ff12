"""Pacts that ship to be laid beside another: named here, read by the caller. They are not profiles to be drafted.

`usa-japan` and `usa-korea` together are a hub with two spokes; `mutual-defence` is invented. Their clocks and roles are
those of the profile `camp-david`.
"""

from typing import Final

__all__ = ["COMPARED", "COMPARED_PACKAGE"]

COMPARED: Final = ("usa-japan", "usa-korea", "mutual-defence")
COMPARED_PACKAGE: Final = __name__
