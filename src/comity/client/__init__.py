"""The Python client of a node's API: every act and every view, typed, in plain blocking calls, with our own errors.

`Client` is what a script imports; it is a `Connection` with a method for each path, by group: `watch`, `acts`, `items`,
`exchange`, `upkeep`. `Events` listens. Nothing here knows more of a node than its API says: shapes, codes, addresses.
"""

from comity.client.client import Client
from comity.client.connection import Connection
from comity.client.events import Event, Events

__all__ = ["Client", "Connection", "Event", "Events"]
