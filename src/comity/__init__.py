"""Comity: software for sovereign parties who have promised to consult.

Read ARCHITECTURE.md for the rooms and the direction of the arrows; start in `comity.base`.
"""

__version__ = "0.1.0"
