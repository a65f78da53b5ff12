"""The text of a server's configuration."""

import pytest

from comity.base.errors import RemoteError, UsageError
from comity.crypto.link import LinkPublic, derive_part, format_login_seed
from comity.node.accounts import Peer, format_accounts, format_authorities_of, format_server, login_seed
from kit.outbox import keys_of, peer_of, public_of, reader_of

OWN = public_of("USA")
PEERS = [peer_of("JPN"), peer_of("KOR")]


def test_the_same_peers_give_the_same_text_in_whatever_order() -> None:
    """An operator who compares two files sees only what changed."""
    assert format_accounts(keys_of("USA"), OWN, PEERS) == format_accounts(keys_of("USA"), OWN, PEERS[::-1])
    assert format_authorities_of(OWN, PEERS) == format_authorities_of(OWN, PEERS[::-1])


def test_the_accounts_file_holds_no_secret() -> None:
    """It may be handed to the operator of a cluster."""
    text = format_accounts(keys_of("USA"), OWN, PEERS)
    login = login_seed(keys_of("USA"), client=PEERS[0].link, server=OWN, reader=PEERS[0].reader)
    for secret in (keys_of("USA").seed, derive_part(keys_of("USA"), b"exchange/1"), login):
        assert secret.hex() not in text
        assert format_login_seed(secret) not in text
    assert " SU" not in text


def test_each_peer_has_its_three_services_and_no_more() -> None:
    """Every import of an account names that account's own reader."""
    for peer in PEERS:
        account = format_accounts(keys_of("USA"), OWN, PEERS).split(f'  "{peer.reader.tag}" {{')[1].split("\n  }\n")[0]
        imports = [row for row in account.splitlines() if "service:" in row]
        assert len(imports) == 3
        assert all(peer.reader.tag in row for row in imports)
        assert "stream:" not in account


def test_the_partys_own_account_has_page_requests_alone() -> None:
    """Its standby reads from the store, not from the streams (T28)."""
    own = peer_of("USA")
    account = (
        format_accounts(keys_of("USA"), OWN, [*PEERS, own]).split(f'  "{own.reader.tag}" {{')[1].split("\n  }\n")[0]
    )
    assert [row.split("subject: ")[1].split(" ")[0] for row in account.splitlines() if "service:" in row] == [
        f'"{own.reader.pages_subject}"'
    ]
    assert f'publish: {{ allow: ["{own.reader.pages_subject}"] }}' in account


def test_one_reader_given_twice_is_refused() -> None:
    """Two sets of keys for one account would let either in."""
    twice = [*PEERS, Peer(reader_of("JPN"), public_of("KOR"))]
    with pytest.raises(UsageError, match=r"outbox.login-shared"):
        format_accounts(keys_of("USA"), OWN, twice)


def test_malformed_link_keys_do_not_reach_the_file() -> None:
    """What another party announced is checked here once more."""
    strange = Peer(reader_of("JPN"), LinkPublic(public_of("JPN").exchange, b"-----BEGIN CERTIFICATE-----"))
    with pytest.raises(RemoteError, match=r"link.malformed"):
        format_accounts(keys_of("USA"), OWN, [strange])


def test_the_servers_own_settings_name_no_folder_of_this_machine() -> None:
    """Paths are relative to where the server starts: the text is the same on every machine."""
    text = format_server(host="127.0.0.1", port=4333)
    assert '"/' not in text
    assert "127.0.0.1:4333" in text
