"""The profiles that ship: pacts as TOML files without root keys, from which a pact file is drafted.

Pure: only names stand here. Reading package resources is I/O and belongs to the caller
(`importlib.resources.files(PROFILE_PACKAGE) / (name + PROFILE_SUFFIX)`).
"""

from typing import Final

__all__ = ["DEFAULT_PROFILE", "PROFILES", "PROFILE_PACKAGE", "PROFILE_SUFFIX"]

DEFAULT_PROFILE: Final = "camp-david"
PROFILES: Final = (DEFAULT_PROFILE, "harbour-aid", "csirt-aid")
PROFILE_PACKAGE: Final = "comity.pact.profiles"
PROFILE_SUFFIX: Final = ".toml"
