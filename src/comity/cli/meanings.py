"""What the codes mean that are no errors: findings of an audit and of the verifier, alarms, events of the log.

The catalogue holds the errors (`base.catalogue`). Where a code is both, the error's row is the longer story and wins.
"""

import re
from typing import NamedTuple

from comity.api.words import say
from comity.audit.finding import KINDS
from comity.audit.wording import FINDING_MESSAGES
from comity.node.log import EVENTS

__all__ = ["Meaning", "find_meaning", "list_meanings"]


class Meaning(NamedTuple):
    """What a code says and what to do about it, in the reader's language."""

    says: str
    hint: str


def list_meanings() -> frozenset[str]:
    """Return every code that is explained here."""
    return frozenset({*_list_alarms(), *_list_verdicts(), *FINDING_MESSAGES, *EVENTS})


def find_meaning(code: str) -> Meaning | None:
    """Return what a code means, or None where it is none of these."""
    if code in FINDING_MESSAGES:
        kind = KINDS[code]
        weight = {"breach": say("breach"), "doubt": say("doubt"), "note": say("note")}[kind.severity.value]
        hint = say("A finding of an audit ({weight}, {clause}): docs/guide/audit.md says what it means.",
                   weight=weight, clause=kind.clause)  # fmt: skip
        return Meaning(_name_fields(say(FINDING_MESSAGES[code])), hint)
    if code in EVENTS:
        return Meaning(say(EVENTS[code].says), say("An event of the node's log: docs/guide/operating.md, Monitoring."))
    if code in (alarms := _list_alarms()):
        return Meaning(alarms[code], say("An alarm: comity doctor says what to do about its cause."))
    if code in (verdicts := _list_verdicts()):
        return Meaning(verdicts[code], say("A verdict of verifier/verify.py: docs/guide/verifying.md."))
    return None


def _name_fields(template: str) -> str:
    """Show the fields of a message by their names, since there is no finding to fill them from."""
    return re.sub(r"{(\w+)}", lambda found: found[1].upper(), template)


def _list_verdicts() -> dict[str, str]:
    return {
        "page.missing": say("a signed head names a page that is not here"),
        "page.no-key": say("a page is sealed and no key was given: it was judged by its chain only"),
    }


def _list_alarms() -> dict[str, str]:
    return {
        "alarm.beyond-power": say("a party's node let an officer do what the clause that is named does not"),
        "alarm.blob-damaged": say("an item's file was damaged and is fetched again from whoever has it"),
        "alarm.callout-failed": say("a call-out of the alarm did not get through; comity alarm test tries it"),
        "alarm.flood": say("one key signed so many pages of one number that no more are told of: no accident"),
        "alarm.fork": say("a party signed two different pages of one number: call it by voice"),
        "alarm.index-rebuilt": say("an index of the store was damaged and is built anew; no page is touched"),
        "alarm.key-superseded": say("the key of this home was replaced elsewhere: this node says nothing more"),
        "alarm.node-stopped": say("the node cannot keep a promise and takes nothing more; the code says why"),
        "alarm.outbox-rebuilt": say("a stream of the outbox was behind the store and is rebuilt from it"),
        "alarm.outbox-sick": say("the outbox server has done nothing for a while and is replaced"),
        "alarm.pact-not-held": say("others speak under a version of the pact that was not accepted here"),
        "alarm.page-back": say("a page that was lost to damage has come back from a reader"),
        "alarm.page-damaged": say("a page of the store was damaged; it is set aside and asked for from its readers"),
        "alarm.page-refused": say("a page that came in breaks a rule; it is kept as evidence, the code says which"),
        "alarm.plan-malformed": say("alarm.toml cannot be followed; the node goes by what it said before"),
        "alarm.should-not-have-come": say("a party was sent what the clause that is named does not let it have"),
        "alarm.store-full": say("the disk is full: nothing is stored until there is room"),
        "alarm.store-resumed": say("the disk has room again: statements are taken"),
        "alarm.threat-detected": say(
            "a rule of the pact had the node report a threat at once; see comity warning drafts"
        ),
        "alarm.threat-drafted": say("a rule of the pact asks whether to report a threat; see comity warning drafts"),
        "alarm.store-was-old": say("this store was older than its word; own pages came back from their readers"),
    }
