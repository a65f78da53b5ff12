"""`comity officer oidc`: the party's own identity provider, by which officers may sign in at the console."""

from pathlib import Path

import click

from comity.api.words import say
from comity.base.errors import UsageError
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.files import read_beginning
from comity.cli.officers import officer
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.crypto.production import ProductionSuite
from comity.node.officers import OFFICERS_FILE, OfficerBook
from comity.node.provider import PROVIDER_FILE, SIZE_BYTES_MAX, Provider, ProviderFile, parse_provider
from comity.node.roster import check_role
from comity.node.versions import read_versions

__all__ = ["COMMANDS"]


@officer.command(help=say("The party's own identity provider: FILE puts it in use, --off ends it, neither shows it."))
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--off", is_flag=True, help=say("Have no provider: officers sign in by passkey or token."))
@home_option
@realm_option
@json_option
def oidc(file: Path | None, off: bool, home: Path, realm: str) -> None:
    """See `help` above."""
    path = find_realm_path(home, realm)
    held = ProviderFile(path / PROVIDER_FILE)
    if off:
        held.remove()
    elif file is not None:
        raw = read_beginning(file, size_bytes_max=SIZE_BYTES_MAX)
        _check(path, parse_provider(raw))
        held.write(raw)
    _show(held.read())


def _check(path: Path, provider: Provider) -> None:
    """Return if every officer and role that a provider's file names is one.

    Raises:
        UsageError: `officer.unknown`, `officer.no-role`, `officer.no-offices`.
    """
    book = OfficerBook(path / OFFICERS_FILE).read()
    for name in provider.officers.values():
        book.get(name)
    versions = [row.version.pact for row in read_versions(path, ProductionSuite())]
    pact = max(versions, key=lambda version: version.identity.version)
    if provider.roles and pact.offices is None:
        raise UsageError("officer.no-offices")
    for role in provider.roles.values():
        assert pact.offices is not None, "looked at above"
        check_role(pact.offices, role)


def _show(provider: Provider | None) -> None:
    if is_json():
        emit({"provider": provider})
    elif provider is None:
        print_line("No identity provider: officers sign in by passkey or token.")
    else:
        print_line("Officers may sign in by {issuer}, as {client}.", issuer=provider.issuer, client=provider.client)
        print_table((provider.officer_claim, "officer"), sorted(provider.officers.items()))
        if provider.roles:
            print_table((provider.role_claim, "role"), sorted(provider.roles.items()))


COMMANDS = (officer,)
