"""The party's own contacts for its call-down card, and what of them no card would print."""

from litestar import get
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.views.upkeep import ContactFaultShown, ContactsShown
from comity.api.words import LANGUAGES, say
from comity.node.contacts import ContactFault, ContactsFile, Unfit

__all__ = ["make_contact_routes", "say_contact_fault", "show_contact_fault", "show_contacts"]


def show_contacts(desk: Desk, file: ContactsFile) -> ContactsShown:
    """Return what the file says now, held against the pact in force.

    Raises:
        UsageError: `contacts.malformed`.
    """
    machine, held = desk.node.machine, file.read()
    parties = [row.id for row in machine.pact.parties]
    faults = file.find_faults(held, parties=parties, languages=LANGUAGES)
    return {
        "is_there": file.is_there,
        "contacts": [{"party": row.party, "reach": row.reach, "office": row.office, "channel": row.channel,
                      "note": row.note} for row in held.contacts],
        "challenge": held.challenge,
        "faults": [show_contact_fault(fault) for fault in faults],
        "without": [party for party in parties if party != machine.party and not held.find_all(party)],
    }  # fmt: skip


def show_contact_fault(fault: ContactFault) -> ContactFaultShown:
    """Return a fault as a JSON value."""
    return {"why": fault.why.value, "row": fault.row, "what": fault.what}


def say_contact_fault(fault: ContactFaultShown) -> str:
    """Say what does not fit, in the reader's language."""
    if fault["why"] == Unfit.PARTY.value:
        return say("Contact {number}: {party} is no party of the pact, and no card prints it.",
                   number=fault["row"], party=fault["what"])  # fmt: skip
    if fault["why"] == Unfit.LANGUAGE.value:
        return say("Challenge: no card is in the language {language}.", language=fault["what"])
    return say("Others on this machine may read {file}: close it to all but its owner.", file=fault["what"])


def make_contact_routes(desk: Desk, file: ContactsFile) -> list[HTTPRouteHandler]:
    """Return the route."""

    @get("/v1/contacts", summary="The party's own contacts for its call-down card, and what of them does not fit")
    async def contacts() -> ContactsShown:
        return show_contacts(desk, file)

    return [contacts]
