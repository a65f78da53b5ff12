"""The client: a method for every path of an officer or administrator. What consumers poll has clients of its own."""

from comity.client.acts import Acts
from comity.client.exchange import Exchange
from comity.client.items import Items
from comity.client.upkeep import Upkeep
from comity.client.warning import Warnings
from comity.client.watch import Watch

__all__ = ["Client"]


class Client(Watch, Acts, Items, Exchange, Upkeep, Warnings):
    """One node's API, typed. Refusals are raised as errors with the node's own codes (`ComityError.code`)."""
