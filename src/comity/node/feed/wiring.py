"""What a warning process is made of, from a home: who it is, its keys, where it and its peers are reached."""

from comity.base.names import Audience
from comity.crypto.suite import Suite
from comity.journal.header import Feed
from comity.journal.statement import Closure, parse_statement
from comity.node.assembly import find_places
from comity.node.ceremony import Accepted
from comity.node.cluster import read_cluster
from comity.node.feed.frames import FeedSetup, Place
from comity.node.home import Home

__all__ = ["make_feed_setup"]


def _find_closures(accepted: Accepted) -> tuple[tuple[Audience, bytes], ...]:
    """Return the root's closures of own warning journals."""
    bodies = ((parse_statement(raw).body, raw) for raw in accepted.closures)
    return tuple(
        (body.audience, raw) for body, raw in bodies if isinstance(body, Closure) and body.feed == Feed.WARNING
    )


def make_feed_setup(home: Home, accepted: Accepted, *, suite: Suite) -> FeedSetup:
    """Return the first frame for the warning process of one realm."""
    public, endpoints = find_places(home, accepted, suite)
    cluster = read_cluster(accepted.path)
    reached = {**endpoints, home.party: endpoints[home.party] if cluster is None else tuple(cluster.endpoints)}
    return FeedSetup(
        party=home.party,
        realm=accepted.realm,
        pins=accepted.pins,
        secrets=accepted.secrets.node,
        receiving=accepted.secrets.receiving,
        link=accepted.secrets.link,
        places={party: Place(public[party], tuple(at)) for party, at in reached.items()},
        replicas=cluster.replicas if cluster else 1,
        folder=str(accepted.path),
        closures=_find_closures(accepted),
    )
