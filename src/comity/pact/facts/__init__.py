"""The public records that ship: sourced facts from outside about what was done under a pact.

Only names stand here; `procedure.public_record` reads the bytes that the caller brings. A record has the name of its
profile.
"""

from typing import Final

__all__ = ["FACTS_PACKAGE", "FACTS_SUFFIX", "RECORDS"]

RECORDS: Final = ("camp-david",)
FACTS_PACKAGE: Final = "comity.pact.facts"
FACTS_SUFFIX: Final = ".toml"
