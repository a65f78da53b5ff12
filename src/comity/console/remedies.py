"""What an officer at the console does about an error, where the catalogue's own advice names a command.

The catalogue speaks to whoever sits at a terminal. Here stands what to do on a page instead; what can be done on the
node's own machine alone keeps the catalogue's words.
"""

from collections.abc import Mapping
from typing import Final

from comity.base.catalogue import Code

__all__ = ["OF_THE_MACHINE", "REMEDIES", "find_remedy"]

OF_THE_MACHINE: Final = frozenset(
    {
        "account",
        "api",
        "audit",
        "backup",
        "callout",
        "cap",
        "cli",
        "consumer",
        "cot",
        "demo",
        "deposit",
        "doctor",
        "drop",
        "exchange",
        "home",
        "indicator",
        "inject",
        "key",
        "oidc",
        "pact",
        "pair",
        "parquet",
        "programme",
        "recover",
        "rehearsal",
        "report.malformed",
        "report.no-commitment",
        "report.not-over",
        "seat",
        "sensor",
        "standby",
        "vault",
        "warning.archive-too-large",
        "warning.difference-of-whom",
        "warning.replay-past",
        "warning.replay-what",
    }
)
"""Codes, or whole rooms of them, that no page answers with: their remedy is a command on the node's machine."""

REMEDIES: Final[Mapping[str, str]] = {
    "disclosure.too-large": "share what is in it as an item, on the page Release",
    "release.no-agreement": "the page Pact lists the agreements",
    "release.one-supposition": "choose one agreement and one state",
    "release.no-party": "choose one of its parties",
    "release.no-such-clause": "the page Pact has every clause",
    "release.withheld": "the preview beside the item shows each party's answer and its clause",
    "release.needs-consent": "ask the originator on the item's page: Ask to let somebody have it",
    "item.portion-marking": "choose a level for each portion; the page Pact lists the levels",
    "item.partly-given": "the page Release lists what was given; what refused the next is named with this error",
    "item.read-unrecorded": (
        "what stood in the way is named with this error; the page "
        "Administration shows how the node stands. Nothing of the item was shown"
    ),
    "attachment.none": "the item's page shows which portion is one",
    "attachment.not-here": "it is being fetched from its giver: the item's page shows how much is here",
    "store.refilling": "repeat this in a moment; the page Administration shows what is missing",
    "pact.not-in-force": "the page Pact shows who has not signed yet",
    "pact.no-clause": "the page Pact has every clause",
    "item.destroyed": "the item's page shows the certificate; what is gone comes back only if it is given anew",
    "item.destroyed-already": "answer the recall with the certificate that stands, on the item's page",
    "item.reckoning": (
        "the item opens once the readers of its journal have answered; the page Administration names them"
    ),
    "item.quarantined": "the item's page shows why; its sender is told; let it out on a ground, or destroy it",
    "item.not-originator": "ask its originator, on the item's page",
    "item.no-request": "the item's page shows what was asked",
    "item.not-granted": "decide on the item's page: pass it on, or do not",
    "quarantine.none": "the page Release shows what is",
    "quarantine.no-ground": "leave it, or destroy it on the item's page",
    "recall.not-originator": "who gave it further asks it back on the item's page",
    "recall.no-holders": "the item's page shows who holds what",
    "recall.no-request": "the page Release shows the recalls that do",
    "recall.not-passed-on": "answer the recall itself, on the item's page",
    "oidc.no-officer": "an administrator keeps who is who, on the node's machine",
    "journal.reckoning": (
        "the page Administration shows who has not answered; if one never will, an administrator replaces the key"
    ),
    "journal.forked": (
        "an administrator replaces the key on the node's machine: the new incarnation says which pages stand"
    ),
    "shift.not-own": "hand over on the page Handover: it is addressed to nobody else",
    "text.no-pen-offered": "the text's own page shows who holds it",
    "phrase.unknown": "pick one of those that the page Hotline offers",
    "phrase.gaps": "fill in each gap that the form shows",
    "indicator.unknown": "the page Pact lists those that it has",
    "officer.unknown": "the page Administration lists the officers",
    "officer.malformed": "names and roles are letters, digits and hyphens; the page Pact lists the roles",
    "officer.not-on-duty": "the page Administration shows who is",
    "officer.no-token": "an administrator draws another one",
    "approval.awaited": (
        "tell one who may do it: it stands on the Watch of every other officer; a node that starts anew forgets it"
    ),
    "approval.none": "the page Watch shows what does; what was not approved in an hour, or before a restart, is over",
    "officer.uncovered": "sign in as an officer: the realm's own token names nobody",
    "officer.wrong-role": "an officer in a role that the clause names has to do it; the page Pact shows them",
    "officer.not-deputy": "the page Pact shows who stands in for whom, and once vacant for how long",
    "officer.too-few": "a second officer in a fitting role approves it: it waits on the page Watch",
    "console.upload-large": "hand it in by parts, or have the administrator bring it in on the node's machine",
    "warning.not-running": "repeat this in a moment; the page Administration shows how the node stands",
    "warning.not-reported": "the page Pact lists the classes and who reports them",
    "warning.no-draft": "the page Watch lists those that wait",
    "warning.draft-closed": "the page Watch lists those that wait; what was reported stands among the consultations",
    "warning.nothing-proposed": "the page Warning shows what is estimated, and where",
    "warning.readers": "send it to some of those who are named, or report what you know in words of your own",
    "console.wrong-host": "use the address that the administrator gave you",
}
"""By code; each is a message id."""


def find_remedy(row: Code) -> str:
    """Return what to do about an error, as a message id."""
    return REMEDIES.get(row.name, row.hint)
