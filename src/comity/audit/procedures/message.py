"""Messages of the hotline and voice calls, read a second time (P28, P70 to P73)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.audit.procedures.consultation import find_delivered
from comity.audit.procedures.correction import correct
from comity.audit.procedures.forms_line import (
    MessageAcknowledged,
    MessageRead,
    MessageReadBack,
    MessageSent,
    MessageTranslated,
    PhraseReadBack,
    PhraseSent,
    VoiceCallConfirmed,
    VoiceCallLogged,
)
from comity.audit.procedures.said import Knowing, Said
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.text import order_own
from comity.base.names import Party
from comity.pact.policy import Policy

__all__ = ["MessageState", "VoiceState", "judge_message", "judge_voice"]


@dataclass(frozen=True, slots=True)
class MessageCell:
    """P28, of one reader: three facts, and the last read-back with whether it matches."""

    is_delivered: bool
    read: Said | None
    acknowledged: Said | None
    read_back: Said | None
    matches: bool


@dataclass(frozen=True, slots=True)
class MessageState:
    """One message. `translations`: which entry of which party puts it into which language (P72)."""

    scope: Scope
    sent: Said | None
    is_withdrawn: bool
    cells: Mapping[Party, MessageCell]
    translations: Mapping[tuple[Party, str], Said]


@dataclass(frozen=True, slots=True)
class VoiceState:
    """One voice call: the accounts of those that it was with, and whether each agrees with the log."""

    scope: Scope
    logged: Said | None
    is_withdrawn: bool
    accounts: Mapping[Party, tuple[Said, bool] | None]


def judge_message(scope: Scope, statements: Sequence[Said], *, policy: Policy, knowing: Knowing) -> MessageState:
    """Judge a message from all statements about it."""
    current = correct(statements)
    roles = frozenset(policy.acknowledge.roles)
    for rows, is_withdrawn in ((current.statements, False), (current.withdrawn, True)):
        for said in rows:
            if said.id == scope.ref and isinstance(said.entry, MessageSent | PhraseSent):
                good = order_own([one for one in current.statements if one.is_good])
                delivered = find_delivered(said, scope.audience, current.statements, knowing)
                readers = [party for party in scope.audience if party != said.author]
                cells = {
                    party: _read_cell(said, good.get(party, ()), roles, is_delivered=party in delivered)
                    for party in readers
                }
                return MessageState(scope, said, is_withdrawn, cells, _list_translations(said, good))
    return MessageState(scope, None, is_withdrawn=False, cells={}, translations={})


def _read_cell(sent: Said, own: Sequence[Said], roles: frozenset[str], *, is_delivered: bool) -> MessageCell:
    acknowledged = [said for said in own if isinstance(said.entry, MessageAcknowledged)]
    in_role = [said for said in acknowledged if getattr(said.entry, "role", "") in roles]
    wanted = PhraseReadBack if isinstance(sent.entry, PhraseSent) else MessageReadBack
    repeated = [said for said in own if isinstance(said.entry, wanted)]
    last = repeated[-1] if repeated else None
    return MessageCell(
        is_delivered=is_delivered,
        read=next((said for said in own if isinstance(said.entry, MessageRead)), None),
        acknowledged=next(iter((*in_role, *acknowledged)), None),
        read_back=last,
        matches=last is not None and _is_repeated(sent, last),
    )


def _is_repeated(sent: Said, last: Said) -> bool:
    """P28 for words, P71 for a phrase."""
    if isinstance(sent.entry, MessageSent) and isinstance(last.entry, MessageReadBack):
        return set(last.entry.body.versions) <= set(sent.entry.body.versions)
    if isinstance(sent.entry, PhraseSent) and isinstance(last.entry, PhraseReadBack):
        return last.entry.filled == sent.entry.filled
    return False


def _list_translations(sent: Said, good: Mapping[Party, Sequence[Said]]) -> dict[tuple[Party, str], Said]:
    """P72: the last of each party in each language that the message does not have itself."""
    own = sent.entry.body.languages if isinstance(sent.entry, MessageSent) else ()
    return {
        (party, language): said
        for party, rows in good.items()
        for said in rows
        if isinstance(said.entry, MessageTranslated)
        for language in said.entry.body.languages
        if language not in own
    }


def judge_voice(scope: Scope, statements: Sequence[Said]) -> VoiceState:
    """Judge a voice call from all statements about it (P73)."""
    current = correct(statements)
    for rows, is_withdrawn in ((current.statements, False), (current.withdrawn, True)):
        for said in rows:
            if said.id == scope.ref and isinstance(said.entry, VoiceCallLogged):
                good = order_own([one for one in current.statements if one.is_good])
                named = sorted(set(said.entry.parties) & set(scope.audience) - {said.author})
                accounts = {party: _find_account(said.entry, good.get(party, ())) for party in named}
                return VoiceState(scope, said, is_withdrawn, accounts)
    return VoiceState(scope, None, is_withdrawn=False, accounts={})


def _find_account(logged: VoiceCallLogged, own: Sequence[Said]) -> tuple[Said, bool] | None:
    told = (logged.check, logged.challenge, logged.reply)
    for said in reversed(own):
        if isinstance(said.entry, VoiceCallConfirmed):
            return said, (said.entry.check, said.entry.challenge, said.entry.reply) == told
    return None
