"""The items of the written case: one straight to where it may go, one by the hub, which is asked back in the end."""

from comity.base.instants import HOUR_MS
from comity.base.names import Digest, Party
from comity.procedure.caveat import write_under
from comity.procedure.entry import Entry, Marking
from comity.procedure.recall import CopiesMade, Fate, RecallPassedOn
from comity.procedure.sharing import ConsentGiven, ItemShared, PassOnRequested, RecallReason, RecallRequested
from comity.procedure.stated import Stated
from comity.rehearsal import acts, item_acts, recall_acts
from comity.rehearsal.camp_david_measures import PlanAct
from comity.rehearsal.desk import Act, Desk, Wish
from comity.rehearsal.parcel import Parcels

__all__ = ["plan_items"]

_TO_HUB = ("KOR", "USA")
_FROM_HUB = ("JPN", "USA")


def plan_items(at: PlanAct, parcels: Parcels) -> None:
    """Plan what people do about both items."""
    direct = Marking("JPN", "JPN", "JPN-GOKUHI", ("dprk-missile",), ())
    by_hub = Marking("KOR", "KOR", "KOR-II", ("dprk-missile",), (write_under(frozenset({"tisa-2014"})),))

    def share(words: str, marking: Marking, *audience: Party) -> Act:
        return lambda desk: Wish(audience, (parcels.share(desk, words, marking=marking, audience=audience),))

    at("JPN", 11, "item-direct", share("Radar track of the first stage.", direct, "JPN", "KOR"))
    at("KOR", 12, "item-to-hub", share("Where the second stage fell.", by_hub, *_TO_HUB))
    at("USA", 14, "ask", acts.request_passing_on("KOR", recipient="JPN"))
    at("KOR", 18, "consent", _consent(parcels))
    at("USA", 19, "grant", _on_consent(lambda item: item_acts.grant_passing_on(item, recipient="JPN", to=_TO_HUB)))
    at("USA", 20, "pass-on", _on_consent(lambda item: acts.pass_on(parcels, item, to="JPN")))
    told = _on_consent(lambda item: acts.report_passing_on("pass-on", item, originator=_TO_HUB, recipient="JPN"))
    at("USA", 21, "tell", told)
    _plan_recall(at)


def _consent(parcels: Parcels) -> Act:
    def act(desk: Desk) -> Wish | None:
        for stated, entry in desk.find(PassOnRequested, author="USA"):
            item = Digest(entry.item)
            given = parcels.consent(desk, item, holder="USA", recipient=entry.recipient, for_ms=HOUR_MS)
            return Wish(stated.audience, (given,))
        return None

    return act


def _on_consent(make: item_acts.ActOnItem) -> Act:
    """Do something about the item that was consented to, once it was."""

    def act(desk: Desk) -> Wish | None:
        item = next((Digest(entry.item) for _, entry in desk.find(ConsentGiven)), None)
        return None if item is None else make(item)(desk)

    return act


def _plan_recall(at: PlanAct) -> None:
    """The item by the hub is asked back; the hub asks on; both destroy what they hold, and say so."""
    at("KOR", 134, "ask-back", _on(ItemShared, lambda row: recall_acts.ask_back(row, RecallReason.SUPERSEDED), "KOR"))
    at("USA", 136, "ask-further", _ask_further)
    for party, minutes, asked, audiences in (
        ("JPN", 138, RecallPassedOn, (_FROM_HUB,)),
        ("USA", 142, RecallRequested, (_FROM_HUB, _TO_HUB)),
    ):
        for number, audience in enumerate(audiences):
            at(party, minutes, f"destroy-{number}", _on(asked, _destroy(audience)))
        answered = _on(asked, lambda row: recall_acts.answer(row, Fate.DESTROYED, CopiesMade.NONE))
        at(party, minutes + 1, "answer-recall", answered)
    at("USA", 144, "tell-answers", _on(RecallRequested, recall_acts.tell_answers))


def _ask_further(desk: Desk) -> Wish | None:
    request = desk.first(RecallRequested)
    if request is None or not isinstance(request.entry, RecallRequested):
        return None
    passed = recall_acts.list_passed(desk, request.entry.item)
    return recall_acts.pass_recall_on(request, passed[0])(desk) if passed else None


def _destroy(audience: tuple[Party, ...]) -> item_acts.ActOnStatement:
    def make(row: Stated) -> Act:
        assert isinstance(row.entry, RecallRequested | RecallPassedOn)
        return recall_acts.destroy(row.entry.item, audience)

    return make


def _on(type_: type[Entry], make: item_acts.ActOnStatement, author: Party | None = None) -> Act:
    """Do something about the first statement of a type, once it is on the screen."""

    def act(desk: Desk) -> Wish | None:
        row = desk.first(type_, author=author)
        return None if row is None else make(row)(desk)

    return act
