"""Silence: never counted from a party that did not prove that it had the text in time.

Recomputed here from the entries alone (docs/spec/procedure.md, P15 to P19), and not by the folds: along its own chain
the party stated the receipt of this version, the notice before S; no break and no hold of its own stands between; it
stated silence kept at or after S plus the skew; and its node was up over the notice. Judged of every `SilenceKept` that
an honest node stated, and of every adoption that any machine shows.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import ClassVar

from comity.base.encoding import encode
from comity.base.names import Party, format_digest
from comity.crypto.label import label
from comity.procedure.adoption import TextState
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.evidence import Said

__all__ = ["SilenceProved"]


class SilenceProved(Check):
    """See the module."""

    name: ClassVar[str] = "silence"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._before: dict[bytes, bytes] = {}

    def finish(self) -> None:
        said = self._list_said()
        proved: dict[bytes, str] = {}
        for kept in (row for row in said.values() if row.type == "SilenceKept"):
            proved[kept.id] = fault = self._find_fault(kept, list(said.values()))
            if fault and self.trial.is_honest(kept.page):
                self.find(fault, kept.author, entry=format_digest(kept.id))
        for party in self.trial.honest:
            for id_, author in self._list_counted(party):
                is_agreed = id_ in said and said[id_].type == "TextAgreed"
                if not is_agreed and proved.get(id_, "no-statement"):
                    self.find("counted", party, of=author, entry=format_digest(id_))

    def _list_said(self) -> dict[bytes, Said]:
        """Every entry about a text, from all disks, by id."""
        rows: dict[bytes, Said] = {}
        for party in self.trial.cast.parties:
            for reading in self.trial.read_disk(party):
                self._before[reading.digest] = reading.header.previous
                rows |= {said.id: said for said in reading.said}
        return rows

    def _list_on_branch(self, kept: Said, said: Sequence[Said]) -> list[Said]:
        """Return what its author said to that audience; of several histories, in the one that this page is of.

        A new incarnation goes on from what was good in those before it (P2): their pages that an honest node wrote.
        """
        journal = kept.page.header.journal
        family = (journal.feed, journal.author, journal.audience)
        own = [row for row in said if _find_family(row) == family]
        if not self.trial.crimes.has_forgeries:
            return own
        branch, digest = set[bytes](), kept.page.digest
        while digest in self._before:
            branch.add(digest)
            digest = self._before[digest]
        return [
            row
            for row in own
            if row.page.digest in branch
            or (row.page.header.journal.incarnation < journal.incarnation and self.trial.is_honest(row.page))
        ]

    def _list_counted(self, party: Party) -> Iterator[tuple[bytes, Party]]:
        """Yield what a party's machine counts as consent in the texts that it shows as adopted."""
        record = self.trial.stations[party].machine.record
        for scope in record.list_scopes("text"):
            state = record.get_state(scope)
            assert isinstance(state, TextState)
            authors = {row.id: row.author for row in state.statements}
            for adoption in state.adoptions:
                consenting = {authors.get(id_, "") for id_ in adoption.consents}
                if consenting != set(scope.audience):
                    self.find("not-by-all", party, text=format_digest(scope.ref))
                yield from ((id_, authors.get(id_, "")) for id_ in adoption.consents)

    def _find_fault(self, kept: Said, said: Sequence[Said]) -> str:
        """Return why this silence is not proved, or nothing."""
        text, version, until_at, up_since_at = kept.fields
        assert isinstance(until_at, int)
        assert isinstance(up_since_at, int)
        policy = self.trial.cast.pact.policy.silence
        asked = [
            int(str(row.fields[-1]))
            for row in said
            if row.type in ("SilenceProposed", "SilenceExtended")
            and row.fields[:2] == (text, version)
            and row.fields[-2] == until_at
        ]
        if not asked or not policy.kept_by_machine:
            return "kept-without-question"
        latest_at = until_at - max(policy.window_ms_min, min(asked))
        on_branch = self._list_on_branch(kept, said)
        own = [row for row in on_branch if row.fields[:2] == (text, version)]
        before = sorted((row for row in own if _find_order(row) < _find_order(kept)), key=_find_order)
        if any(row.type == "SilenceBroken" for row in before):
            return "kept-after-break"
        if _is_held(before):
            return "kept-while-held"
        received = [row for row in before if row.type == "TextReceived"]
        put_at = max((row.page.header.written_at for row in said if _is_version(row, text, version)), default=latest_at)
        if not received or max(put_at, _find_clock(received[0], on_branch)) > latest_at:
            return "kept-without-receipt"
        if up_since_at > latest_at:
            return "kept-while-down"
        return "kept-too-early" if _find_clock(kept, on_branch) < until_at + policy.skew_ms_max else ""


def _find_family(row: Said) -> tuple[str, Party, tuple[Party, ...]]:
    journal = row.page.header.journal
    return (journal.feed, journal.author, journal.audience)


def _find_order(row: Said) -> tuple[int, int, int]:
    """P2: the order of one author's statements to one audience."""
    return (row.page.header.journal.incarnation, *row.place)


def _is_version(row: Said, text: object, version: object) -> bool:
    """P15: tell whether this entry is the one that put the version."""
    if row.type != "TextVersionProposed" or row.fields[0] != text:
        return False
    return hashlib.sha256(label("text-version") + encode(row.fields)).digest() == version


def _find_clock(row: Said, on_branch: Sequence[Said]) -> int:
    """P17: the latest clock along the author's statements in the text up to this one."""
    text = row.fields[0]
    own = (
        other for other in on_branch if _find_order(other) <= _find_order(row) and text in (other.id, *other.fields[:1])
    )
    return max(other.page.header.written_at for other in own)


def _is_held(before: Sequence[Said]) -> bool:
    acts = [row.type for row in before if row.type in ("SilenceHeld", "HoldLifted", "TextAgreed")]
    return bool(acts) and acts[-1] == "SilenceHeld"
