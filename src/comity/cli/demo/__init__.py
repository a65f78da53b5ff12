"""`comity demo`: three sovereign nodes on this machine play a real case, then the record is audited offline.

`stage` makes the homes and runs the nodes, as a party would; `case` is what is played; `show` is what is printed.
"""

from comity.cli.demo.play import COMMANDS

__all__ = ["COMMANDS"]
