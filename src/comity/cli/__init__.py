"""The command line: what people and scripts type. Composes everything.

May import every room below. Read `entry` first, then `terminal`; each other file is one group of commands.
"""

from comity.cli.entry import main

__all__ = ["main"]
