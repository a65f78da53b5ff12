"""The configuration of an outbox's server: who may connect, and the three services that a reader finds there.

Rules (docs/spec/transport.md, T5 to T9), each with a test that tries to break it:

- The party's own account `NODE` alone has JetStream. Each reader has an *account* of its own, not merely permissions:
  a reply subject forged by a reader is resolved within the reader's account, where no API and no page subject exists.
- That account imports three services and nothing else: its own pulls, its own acknowledgements, its own page requests.
- The party's own standby has an account as well, with page requests alone.
- What does not exist and what is hidden are both unknown subjects there.
- Permissions and limits stand besides, as a second fence and against floods.

Pure text from plain values, the same text for the same values, so that an operator can install it on a cluster: the
accounts file and the authorities' file are all that a cluster needs from the node.
"""

import json
from collections.abc import Sequence

import msgspec

from comity.base.errors import UsageError
from comity.base.limits import (
    LINK_MESSAGE_SIZE_BYTES_MAX,
    PEER_CONNECTION_COUNT_MAX,
    PEER_PAYLOAD_SIZE_BYTES_MAX,
    PEER_SUBSCRIPTION_COUNT_MAX,
)
from comity.crypto.link import LinkKeys, LinkPublic, check_link_public, derive_login, format_login_public
from comity.crypto.production import ProductionSuite
from comity.crypto.tls import format_authorities
from comity.node.stream import Reader

__all__ = ["NODE_ACCOUNT", "Peer", "format_accounts", "format_authorities_of", "format_server", "login_seed"]

NODE_ACCOUNT = "NODE"


class Peer(msgspec.Struct, frozen=True):
    """A reader and the link keys that its root certified."""

    reader: Reader
    link: LinkPublic


def login_seed(keys: LinkKeys, *, client: LinkPublic, server: LinkPublic, reader: Reader | None) -> bytes:
    """Derive the login of a reader at a server, or of a node at its own server if `reader` is None."""
    return derive_login(keys, client=client, server=server, account=NODE_ACCOUNT if reader is None else reader.tag)


def format_accounts(keys: LinkKeys, own: LinkPublic, peers: Sequence[Peer]) -> str:
    """Format the accounts file. It holds public keys only.

    Raises:
        UsageError: `outbox.login-shared`, if one reader is given twice.
        RemoteError: `link.malformed`, if a peer's link keys are not of the permitted form.
    """
    ordered = sorted(peers, key=lambda peer: peer.reader.tag)
    tags = [peer.reader.tag for peer in ordered]
    if len(set(tags)) != len(tags):
        raise UsageError("outbox.login-shared")
    for peer in ordered:
        check_link_public(peer.link)
    exports = "".join(
        f"      {{ service: {_quote(subject)}, response_type: stream, accounts: [{_quote(peer.reader.tag)}] }}\n"
        for peer in ordered
        for subject in _find_subjects(peer, own)
    )
    own_login = _format_login(login_seed(keys, client=own, server=own, reader=None))
    accounts = "".join(
        _format_peer(
            peer.reader,
            _find_subjects(peer, own),
            _format_login(login_seed(keys, client=peer.link, server=own, reader=peer.reader)),
        )
        for peer in ordered
    )
    return (
        "# Written by Comity from the peers' certified link keys. Public keys only.\n"
        "accounts {\n"
        f"  {NODE_ACCOUNT} {{\n"
        "    jetstream: enabled\n"
        f"    users: [ {{ nkey: {own_login} }} ]\n"
        f"    exports: [\n{exports}    ]\n"
        "  }\n"
        f"{accounts}"
        "}\n"
    )


def format_authorities_of(own: LinkPublic, peers: Sequence[Peer]) -> str:
    """Format the PEM file of authorities whose clients the server lets in: the node's own and its peers'."""
    authorities = sorted({peer.link.authority for peer in peers} - {own.authority})
    return format_authorities([own.authority, *authorities])


def format_server(*, host: str, port: int, name: str = "comity") -> str:
    """Format the configuration of one server. Its paths are relative to the folder that it starts in."""
    return f"""# Written by Comity. The accounts are in a file of their own, which a cluster can use as it is.
server_name: {name}
listen: {_quote(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")}
pid_file: "server.pid"
log_file: "server.log"
logtime_utc: true
logfile_size_limit: 16MB
logfile_max_num: 4
max_payload: {LINK_MESSAGE_SIZE_BYTES_MAX}
# A dead connection is noticed in fifteen seconds, so that it does not use up its account's share.
ping_interval: "5s"
ping_max: 2
write_deadline: "10s"
tls {{
  cert_file: "server.pem"
  key_file: "server.key"
  ca_file: "authorities.pem"
  verify: true
  min_version: "1.3"
  # Not a byte, not even the server's greeting, before both ends have shown their certificates.
  handshake_first: true
  timeout: 5
}}
jetstream {{
  store_dir: "."
  # Its own guess is made at the start, from what is free then: a disk that was full would stay so for it.
  max_file_store: 1TB
}}
include "accounts.conf"
"""


def _find_subjects(peer: Peer, own: LinkPublic) -> tuple[str, ...]:
    """Return the services of an account: a peer's three; of the party itself, its standby's one (T28)."""
    reader = peer.reader
    if peer.link == own:
        return (reader.pages_subject,)
    return (reader.pull_subject("*"), reader.ack_subjects, reader.pages_subject)


def _format_peer(reader: Reader, subjects: Sequence[str], login: str) -> str:
    allowed = ", ".join(map(_quote, subjects))
    imports = "".join(f"      {{ service: {{ account: {NODE_ACCOUNT}, subject: {_quote(s)} }} }}\n" for s in subjects)
    return (
        f"  {_quote(reader.tag)} {{\n"
        f"    users: [ {{ nkey: {login}, permissions: {{ publish: {{ allow: [{allowed}] }}, "
        f'subscribe: {{ allow: ["_INBOX.>"] }} }} }} ]\n'
        f"    limits: {{ max_connections: {PEER_CONNECTION_COUNT_MAX}, "
        f"max_subscriptions: {PEER_SUBSCRIPTION_COUNT_MAX}, max_payload: {PEER_PAYLOAD_SIZE_BYTES_MAX} }}\n"
        f"    imports: [\n{imports}    ]\n"
        "  }\n"
    )


def _format_login(seed: bytes) -> str:
    return format_login_public(ProductionSuite().public_of_signing(seed))


def _quote(text: str) -> str:
    assert text.isascii()
    return json.dumps(text)
