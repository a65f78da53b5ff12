"""Whether a phrase that is to be sent is one of the pact's, with as many gaps filled as it has (P70).

A reader who lacks it could read nothing, so the author's own node refuses; what came all the same is shown as unknown.
"""

from typing import TYPE_CHECKING

from comity.base.errors import UsageError
from comity.machine.funnel import decode_known
from comity.procedure.act import find_effective
from comity.procedure.phrase import PhraseReadBack, PhraseSent, has_gaps_of

if TYPE_CHECKING:
    from comity.machine.input import Say
    from comity.machine.machine import Machine

__all__ = ["check_phrases"]


def check_phrases(machine: "Machine", say: "Say") -> None:
    """Let phrases of the version that governs these readers pass, and refuse all others.

    Raises:
        UsageError: `phrase.unknown`, `phrase.gaps`.
    """
    for entry in say.entries:
        effective = find_effective(entry, decode_known)
        if isinstance(effective, PhraseSent | PhraseReadBack):
            filled = effective.filled
            rows = machine.versions.find_terms(say.audience).pact.phrases
            phrase = next((row for row in rows if row.id == filled.phrase), None)
            if phrase is None:
                raise UsageError("phrase.unknown", phrase=filled.phrase)
            if not has_gaps_of(filled, phrase):
                raise UsageError("phrase.gaps", phrase=phrase.id)
