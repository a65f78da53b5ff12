"""A party's own cluster of servers for its outbox: `outbox.toml` in the realm's folder, and what is installed there.

    replicas = 3

    [[server]]
    listen = "192.0.2.11:4222"
    route = "10.0.0.11:6222"

The node starts no server then; it connects to any of these, and whoever runs them installs the files that
`write_config` makes. Between the servers there is TLS in which the party's own authority alone is trusted: the link key
of a peer opens no route (T27).
"""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from comity.base.errors import UsageError
from comity.base.limits import ENDPOINT_COUNT_MAX
from comity.crypto.link import LinkKeys, derive_part, get_link_public
from comity.crypto.tls import format_authorities, issue_route_leaf, issue_server_leaf
from comity.node.accounts import Peer, format_accounts, format_authorities_of, format_server
from comity.node.home import write_private
from comity.node.reach import parse_endpoint
from comity.node.wire import Endpoint

__all__ = ["CLUSTER_FILE", "Cluster", "Place", "read_cluster", "write_config"]

CLUSTER_FILE: Final = "outbox.toml"
REPLICA_COUNT_MAX: Final = 5
"""JetStream takes one, three or five copies of a stream; an even number gains nothing."""


class _ServerRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    listen: str
    route: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    server: tuple[_ServerRow, ...]
    replicas: int = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where one server listens: for clients, and for the other servers."""

    listen: Endpoint
    route: Endpoint


@dataclass(frozen=True, slots=True)
class Cluster:
    """The servers of one outbox."""

    places: tuple[Place, ...]
    replicas: int

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where clients connect, in order."""
        return tuple(place.listen for place in self.places)


def read_cluster(realm_path: Path) -> Cluster | None:
    """Return the cluster that a realm's `outbox.toml` names; None where there is no such file.

    Raises:
        UsageError: `home.cluster-malformed`.
    """
    path = realm_path / CLUSTER_FILE
    if not path.exists():
        return None
    try:
        read = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise UsageError("home.cluster-malformed") from error
    is_odd = read.replicas % 2 == 1 and 1 <= read.replicas <= REPLICA_COUNT_MAX
    if not is_odd or not read.replicas <= len(read.server) <= ENDPOINT_COUNT_MAX:
        raise UsageError("home.cluster-malformed")
    places = tuple(Place(parse_endpoint(row.listen), parse_endpoint(row.route)) for row in read.server)
    return Cluster(places, read.replicas)


def write_config(folder: Path, cluster: Cluster, keys: LinkKeys, peers: Sequence[Peer]) -> tuple[Path, ...]:
    """Write a folder for each server with all that it needs; return them. What was there before is replaced.

    Raises:
        UsageError: `outbox.login-shared`.
    """
    own, authority = get_link_public(keys), derive_part(keys, b"authority/1")
    leaf = issue_server_leaf(authority_seed=authority, leaf_seed=derive_part(keys, b"server/%d" % keys.leaf_number))
    route = issue_route_leaf(
        authority_seed=authority,
        leaf_seed=derive_part(keys, b"route/%d" % keys.leaf_number),
        hosts=list(dict.fromkeys(place.route.host for place in cluster.places)),
    )
    written = []
    for number, place in enumerate(cluster.places, start=1):
        path = folder / f"server-{number}"
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = {
            "server.conf": _format_place(cluster, number, place).encode(),
            "accounts.conf": format_accounts(keys, own, peers).encode(),
            "authorities.pem": format_authorities_of(own, peers).encode(),
            "authority.pem": format_authorities([own.authority]).encode(),
            "server.pem": leaf.chain_pem,
            "server.key": leaf.key_pem,
            "route.pem": route.chain_pem,
            "route.key": route.key_pem,
        }
        for name, content in files.items():
            write_private(path / name, content)
        written.append(path)
    return tuple(written)


def _format_place(cluster: Cluster, number: int, place: Place) -> str:
    others = [f"nats-route://{_join(other.route)}" for other in cluster.places if other is not place]
    return format_server(host=place.listen.host, port=place.listen.port, name=f"comity-{number}") + (
        "cluster {\n"
        "  name: comity\n"
        f"  listen: {json.dumps(_join(place.route))}\n"
        "  no_advertise: true\n"
        f"  routes: {json.dumps(others)}\n"
        "  tls {\n"
        '    cert_file: "route.pem"\n'
        '    key_file: "route.key"\n'
        # The party's own authority alone: with the peers' too, a peer could pose as one of the servers.
        '    ca_file: "authority.pem"\n'
        "    verify: true\n"
        '    min_version: "1.3"\n'
        "    timeout: 5\n"
        "  }\n"
        "}\n"
    )


def _join(endpoint: Endpoint) -> str:
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    return f"{host}:{endpoint.port}"
