"""The table of launches that ships: 339 public facts of missile launches, 1984 to April 2026, one a line.

Facts of the CNS North Korea Missile Test Database (James Martin Center for Nonproliferation Studies, for the Nuclear
Threat Initiative), by way of nagix/nk-missile-tests (Apache-2.0), joined to one table. Imports nothing: only names
stand here, `warning.launches` reads the bytes that the caller brings.
"""

from typing import Final

__all__ = ["FACTS_PACKAGE", "LAUNCHES"]

FACTS_PACKAGE: Final = "comity.warning.facts"
LAUNCHES: Final = "launches.csv"
