"""Where a party is reached, if not at the address on its card: `reach.toml` in a realm's folder.

    JPN = "192.0.2.1:4222"
    KOR = ["192.0.2.2:4222", "192.0.2.3:4222"]

Several are servers of one cluster, tried in turn. An address is not identity: whoever answers there must hold the link
keys that the party's root certified. So the file is the operator's own and needs nobody's signature. The own party's
line says where the own outbox listens, for a home behind a gateway whose card names the gateway.
"""

import tomllib
from pathlib import Path
from typing import Final

from comity.base.errors import UsageError
from comity.base.limits import ENDPOINT_COUNT_MAX
from comity.base.names import Party, is_party
from comity.node.wire import Endpoint

__all__ = ["REACH_FILE", "parse_endpoint", "read_reach"]

REACH_FILE: Final = "reach.toml"
PORT_MAX: Final = 65_535


def parse_endpoint(text: str) -> Endpoint:
    """Return the host and port of `host:port`; an IPv6 address stands in brackets.

    Raises:
        UsageError: `home.reach-malformed`.
    """
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) <= PORT_MAX:
        raise UsageError("home.reach-malformed")
    return Endpoint(host.removeprefix("[").removesuffix("]"), int(port))


def read_reach(realm_path: Path) -> dict[Party, tuple[Endpoint, ...]]:
    """Return the addresses in a realm's `reach.toml`; none where there is no such file.

    Raises:
        UsageError: `home.reach-malformed`.
    """
    path = realm_path / REACH_FILE
    if not path.exists():
        return {}
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError("home.reach-malformed") from error
    listed = {party: [row] if isinstance(row, str) else row for party, row in rows.items()}
    if not all(is_party(party) and _is_list(row) for party, row in listed.items()):
        raise UsageError("home.reach-malformed")
    return {party: tuple(map(parse_endpoint, row)) for party, row in listed.items()}


def _is_list(row: object) -> bool:
    if not isinstance(row, list) or not 0 < len(row) <= ENDPOINT_COUNT_MAX:
        return False
    return all(isinstance(text, str) for text in row)
