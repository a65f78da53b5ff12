"""The paths of the API that the watch floor reads; what each shows is in a module of its own."""

from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.hotline import make_hotline

__all__ = ["make_floor"]


def make_floor(desk: Desk) -> list[HTTPRouteHandler]:
    """Return them all."""
    return [*make_hotline(desk)]
