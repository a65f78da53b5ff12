"""Birth of a pact: `init`, `pair`, `pact draft`, `pact accept` (DESIGN, section 10)."""

from pathlib import Path
from typing import Final

import click
from mnemonic import Mnemonic

from comity.api.words import get_language, say
from comity.base.errors import UsageError
from comity.cli.asking import home_option
from comity.cli.files import read_beginning
from comity.cli.pact_files import pact, read_pact_file
from comity.cli.passphrase import choose_passphrase, open_home_asking
from comity.cli.terminal import emit, is_json, json_option, print_line, print_text
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.bundle import MAGIC as BUNDLE_MAGIC
from comity.journal.card import Card, find_fingerprint, parse_card
from comity.node.bell import read_clock
from comity.node.ceremony import accept_pact, draft_for, open_accepted
from comity.node.handover import HandedOver, make_handover, read_handover
from comity.node.home import CARD_SIZE_BYTES_MAX, check_no_home, create_home, find_free_port, open_home, write_private
from comity.node.realm_record import is_realm_folder, read_realm_record
from comity.pact.parse import parse_pact

__all__ = ["COMMANDS", "find_words"]

HANDOVER_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024
"""What a party that joins is handed: some pact files and root statements."""

LISTS = {"en": "english", "ja": "japanese", "ko": "korean"}


def find_words(card: Card, language: str = "") -> str:
    """Return a card's fingerprint as twelve words of BIP-39, in the reader's language.

    Both sides must read in one language; the English list is the one to agree on in doubt.
    """
    fingerprint = find_fingerprint(card.root, ProductionSuite())
    return str(Mnemonic(LISTS.get(language or get_language(), "english")).to_mnemonic(fingerprint))


@click.command(help=say("Make a party's home: root, keys for each realm, and the card for the other parties."))
@click.argument("party")
@home_option
@click.option(
    "--realm",
    "realms",
    multiple=True,
    default=("real",),
    help=say("A realm to make keys for: real or exercise/NAME; repeatable; real if left out."),
)
@click.option(
    "--listen",
    default="127.0.0.1",
    show_default=True,
    help=say("This machine's address at which peers reach the outbox, without a port: one is drawn for each realm."),
)
@click.option(
    "--unattended", is_flag=True, help=say("Let the node start without a passphrase: its key lies beside it.")
)
@json_option
def init(party: str, home: Path, realms: tuple[str, ...], listen: str, unattended: bool) -> None:
    """See `help` above."""
    check_no_home(home)
    passphrase = b"" if unattended else choose_passphrase()
    endpoints = {realm: f"{listen}:{find_free_port(listen)}" for realm in realms}
    suite = ProductionSuite()
    made = create_home(
        home,
        party=party,
        endpoints=endpoints,
        passphrase=passphrase,
        issued_at=read_clock(),
        suite=suite,
        ceremony=ProductionCeremony(),
    )
    card = made.get_card(suite)
    if is_json():
        emit({"home": str(home), "party": party, "endpoints": endpoints, "words": find_words(card, "en").split()})
        return
    print_line("Made the home of {party} in {path}.", party=party, path=str(home))
    for name, endpoint in endpoints.items():
        print_line("Peers reach realm {realm} at {endpoint}: let them through to that port.", realm=name,
                   endpoint=endpoint)  # fmt: skip
    print_line("Give the file {card} to each other party, and read these words aloud to it:", card=str(home / "card"))
    print_text(find_words(card), style="bold")
    if unattended:
        print_line(
            "Unattended: whoever has this folder has the keys. Once the pact is accepted, take root.vault offline,"
            " with a copy of unlock.key, which alone opens it."
        )


@click.command(help=say("Compare another party's card: both sides read the words aloud, then keep it."))
@click.argument("card_file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_option
@click.option("--words", help=say("The twelve words as the other side read them; asked for if left out."))
@json_option
def pair(card_file: Path, home: Path, words: str | None) -> None:
    """See `help` above."""
    suite = ProductionSuite()
    opened = open_home(home)
    raw = read_beginning(card_file, size_bytes_max=CARD_SIZE_BYTES_MAX)
    card = parse_card(raw, suite)
    heard = words
    if heard is None:
        print_line("This card says: {party}. Ask {party} to read its twelve words to you.", party=card.party)
        heard = click.prompt(say("The words you hear"))
    known = {" ".join(find_words(card, language).split()) for language in LISTS}
    if " ".join(heard.split()) not in known:
        raise UsageError("pair.words-differ", party=card.party)
    opened.keep_peer(raw, card)
    if is_json():
        emit({"party": card.party, "paired": True})
        return
    print_line("Paired with {party}. Now read your own words to {party}:", party=card.party)
    print_text(find_words(opened.get_card(suite)), style="bold")


@pact.command(help=say("Draft the pact from a profile and the cards; every party that does this gets the same bytes."))
@click.argument("profile")
@home_option
@click.option("--out", type=click.Path(path_type=Path), default=Path("pact.toml"), help=say("The file to write."))
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help=say("Set a policy value or the title."))
@json_option
def draft(profile: str, home: Path, out: Path, settings: tuple[str, ...]) -> None:
    """See `help` above."""
    suite = ProductionSuite()
    opened, source = open_home(home), read_pact_file(profile)
    here = {*opened.find_peers(suite), opened.party}
    missing = [party for party in parse_pact(source).audience if party not in here]
    if missing:
        raise UsageError("pair.first", parties=", ".join(missing))
    raw = draft_for(opened, source, overrides=_parse_settings(settings), suite=suite)
    write_private(out, raw)
    digest = suite.hash(raw).hex()
    if is_json():
        emit({"file": str(out), "digest": digest})
        return
    print_line("Wrote {path}. Every party must see this digest:", path=str(out))
    print_text(digest, style="bold")


def _parse_settings(settings: tuple[str, ...]) -> dict[str, int | bool | str]:
    parsed: dict[str, int | bool | str] = {}
    for setting in settings:
        key, _, text = setting.partition("=")
        words: dict[str, bool] = {"true": True, "false": False}
        parsed[key] = words[text] if text in words else int(text) if text.lstrip("-").isdigit() else text
    return parsed


@pact.command(help=say("Accept a pact in a realm: check it against the cards, and certify this node under it."))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_option
@click.option("--realm", default="real", help=say("The realm to accept it in."))
@click.option(
    "--earlier",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help=say("For a party that joins: what it was handed over, or a version before this one; repeatable."),
)
@click.option("--rival", is_flag=True, help=say("Accept it beside another amendment of the same version."))
@json_option
def accept(file: Path, home: Path, realm: str, earlier: tuple[Path, ...], rival: bool) -> None:
    """See `help` above."""
    suite = ProductionSuite()
    handed = [_read_handed(path, realm, suite) for path in earlier]
    raw = read_pact_file(str(file))
    accept_pact(
        open_home_asking(home),
        raw,
        realm=realm,
        at=read_clock(),
        suite=suite,
        ceremony=ProductionCeremony(),
        earlier=tuple(one for given in handed for one in given.pacts if one != raw),
        successions=tuple(one for given in handed for one in given.statements),
        is_rival_wanted=rival,
    )
    if is_json():
        emit({"realm": realm, "digest": suite.hash(raw), "parties": parse_pact(raw).audience})
        return
    print_line("Accepted in realm {realm}. It is in force once every party has accepted it.", realm=realm)
    print_line("Its digest, the same at every party:")
    print_text(suite.hash(raw).hex(), style="bold")
    print_line("Now: comity node run --home {home} --realm {realm}", home=str(home), realm=realm)


def _read_handed(path: Path, realm: str, suite: ProductionSuite) -> HandedOver:
    raw = read_beginning(path, size_bytes_max=HANDOVER_SIZE_BYTES_MAX)
    return read_handover(raw, realm=realm, suite=suite) if raw.startswith(BUNDLE_MAGIC) else HandedOver((raw,))


@pact.command("hand-over", help=say("Write what a party that joins needs: every version, and every root's successor."))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@home_option
@click.option("--realm", default="real", help=say("The realm whose pact is handed over."))
@json_option
def hand_over(file: Path, home: Path, realm: str) -> None:
    """See `help` above."""
    suite = ProductionSuite()
    accepted = open_accepted(open_home_asking(home), realm=realm, suite=suite)
    pages = read_realm_record(accepted.path).pages if is_realm_folder(accepted.path) else ()
    raw = make_handover(accepted, pages, at=read_clock(), suite=suite)
    write_private(file, raw)
    handed = read_handover(raw, realm=realm, suite=suite)
    if is_json():
        emit({"file": str(file), "version_count": len(handed.pacts), "succession_count": len(handed.statements)})
        return
    print_line("Wrote {path}: {versions} versions of the pact, {successions} successions of roots.", path=str(file),
               versions=len(handed.pacts), successions=len(handed.statements))  # fmt: skip
    print_line("Compare the newest version's digest aloud with whoever joins.")


COMMANDS = (init, pair)
