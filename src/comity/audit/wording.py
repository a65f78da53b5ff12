"""English for what an audit found: message ids with named fields, nothing translated here.

A `Phrase` is a msgid and its fields. Fields are strings, whole numbers, tuples of strings, or phrases within phrases
(a tuple of phrases is a list of clauses). A name that ends in `_at` is an instant, `_ms` a length of time; the outer
layers write both as their reader wants them. `format_english` is for logs and tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from comity.audit.archive import ArchiveRow
from comity.audit.finding import Finding
from comity.audit.form import JournalId
from comity.audit.report import Row, Verdict, VerdictCode
from comity.audit.tracks.ledger import TracksRow
from comity.base.instants import SECOND_MS, Instant, format_dtg
from comity.base.names import format_digest

__all__ = [
    "FINDING_MESSAGES",
    "Phrase",
    "format_english",
    "word_archive",
    "word_finding",
    "word_row",
    "word_tracks",
    "word_verdict",
]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A message id and what goes into its fields."""

    msgid: str
    fields: Mapping[str, object] = field(default_factory=dict)


FINDING_MESSAGES: Final[Mapping[str, str]] = {
    "bytes.too-large": "{holder} stored bytes larger than a page may be, at place {index}",
    "bytes.not-canonical": "{holder} stored bytes at place {index} that are not in their one permitted form",
    "page.malformed": "{holder} stored bytes at place {index} that are not a page",
    "page.format-unknown": "{holder} stored a page of a newer format at place {index}",
    "page.kind": "{holder} stored page {number} of {journal}, whose kind does not allow its content",
    "page.other-lineage": "{holder} stored page {number} of {journal}, which belongs to another pact",
    "page.other-realm": "{holder} stored page {number} of {journal}, which belongs to another realm",
    "page.other-audience": "{holder} stored page {number} of {journal}, which is not meant for it",
    "page.unknown-party": "{holder} stored page {number} of {journal}, whose audience names no party of the pact",
    "page.body-digest": "{holder} stored page {number} of {journal} with a body other than the one that was signed",
    "page.opening": "{holder} stored page {number} of {journal} with root statements that do not open it",
    "page.signature": "{holder} stored page {number} of {journal} with a signature that does not verify",
    "page.checkpoint": "{holder} stored page {number} of {journal}, a checkpoint that does not hold",
    "page.stranger": "{holder} stored {journal} from page {number} on, but no certificate vouches for its author",
    "page.gap": "{holder} stored {journal} from page {number} on, but the page before that is not here",
    "page.previous": "{holder} stored page {number} of {journal}, which does not follow the page before it",
    "statement.malformed": "a root statement is damaged or of an unknown kind",
    "statement.unknown-root": "a root statement is of a party without a root in the pact",
    "statement.signature": "a root statement is not signed by the root that it claims",
    "statement.other-pact": "a root statement belongs to another pact or realm",
    "statement.equivocates": "the root of {party} signed {count} different statements where there can be one: {kind}",
    "key.commitment": "an epoch key of {journal} is not the one that its key page commits to",
    "key.not-unwrapped": "page {number} of {journal} wraps a key that {reader} cannot unwrap",
    "key.reader-left-out": "page {number} of {journal} wraps its key for all readers but {readers}",
    "page.not-opened": "page {number} of {journal} does not open under the key that was given to its readers",
    "page.entries-root": "page {number} of {journal} opens to entries other than those that were signed",
    "entry.malformed": "entry {index} of page {number} of {journal} is out of form and says nothing",
    "seal.no-key": "pages of {journal} that stayed sealed for want of a key: {count}",
    "page.forked": "{author} signed different pages {number} of {journal}",
    "fork.witnessed": "{witness} names another page {number} of {journal} than the one that is here",
    "page.branch-limit": "{author} signed {count} different pages {number} of {journal}: no accident",
    "page.disputed": "{journal} is disputed from page {number} on: another party was shown a different page",
    "page.disowned": "{journal} is disowned from page {number} on by the root of {author}",
    "page.seen": "page {number} of {journal} names pages that not all of its readers may know of",
    "seen.backwards": "page {number} of {journal} names an earlier page than its author had named before",
    "checkpoint.forgets": "the checkpoint {number} of {journal} leaves out pages that its author had named before",
    "clock.backwards": "the clock of {author} ran backwards at page {number} of {journal}",
    "clock.behind-heads": "page {number} of {journal} names pages that were, by their clocks, written later",
    "page.dropped": "{holder} lacks page {number} of {journal}, though it stored later ones",
    "tail.lost": "{holder} lacks page {number} of {journal}, which it once had",
    "tail.missing": "{holder} lacks page {number} of {journal}, which {witness} names",
    "holder.behind": "{holder} lacks page {number} of {journal}, which {held_by} stored",
    "page.bytes-differ": "{held_by} stored page {number} of {journal} under different signatures",
    "page.duplicate": "{holder} stored pages twice, the first at place {index}",
    "tail.no-witness": "no witness beyond page {number} of {journal}",
    "silence.clock-doubt": "page {number} of {journal} knew of silence kept by {party} {early_ms} before its time",
    "line.missed": "{party} answered none of {count} tests in a row of {channel}, from {from_at} to {until_at}",
    "release.unpermitted": "entry {index} of page {number} of {journal} should not have gone to {party} [{clause}]",
    "release.cut-short": "by what {author} had named elsewhere, entry {index} of page {number} of {journal} should not"
    " have gone to {party} [{clause}]",
    "warning.anchor-differs": "{author} anchored another page {number} of {journal} than the one that is here",
    "warning.anchored-twice": "{author} anchored two different pages {number} of {journal}",
    "warning.anchor-disowned": "the root of {author} leaves out page {number} of {journal}, which {author} anchored:"
    " {count} in all",
    "warning.not-by-rule": "no rule lets a node state entry {index} of page {number} of {journal}: {clause}",
    "warning.not-anchored": "pages of {journal} that no anchor here covers: {count}, the first of them page {number}",
    "warning.gap": "pages of {journal} that were not kept: {count}, the first of them page {number}",
    "warning.malformed": "blocks of {journal} that are none: {count}, the first in page {number}",
    "warning.instant": "blocks of {journal} with an instant that is none: {count}, the first in page {number}",
    "warning.position": "blocks of {journal} with a place that is nowhere: {count}, the first in page {number}",
    "warning.flags": "blocks of {journal} with flags that no row may have: {count}, the first in page {number}",
    "warning.altitude": "blocks of {journal} with an altitude out of bounds: {count}, the first in page {number}",
    "warning.speed": "blocks of {journal} with a velocity out of bounds: {count}, the first in page {number}",
    "warning.uncertainty": "blocks of {journal} with an uncertainty that none can be: {count}, the first in page"
    " {number}",
    "warning.kind": "blocks of {journal} with a kind that their class does not have: {count}, the first in page"
    " {number}",
    "warning.sensor": "blocks of {journal} with a sensor that they do not name: {count}, the first in page {number}",
    "warning.estimate": "blocks of {journal} with estimates that belong to no row: {count}, the first in page {number}",
    "warning.class": "blocks of {journal} of a class that {author} does not report: {count}, the first in page"
    " {number}",
    "warning.unpermitted": "blocks of {journal} that might not go to {party} [{clause}]: {count}, the first in page"
    " {number}",
    "warning.other-terms": "blocks of {journal} that tell {party} otherwise than {clause} has it: {count}, the first in"
    " page {number}",
    "warning.off-grid": "rows and estimates of {journal} that do not lie on the grid of {clause}, or are surer than it"
    " lets them be: {count}, the first in page {number}",
    "warning.told-otherwise": "rows and estimates of {journal} that say other than what {author} told in full: {count},"
    " the first in page {number}",
    "warning.told-early": "blocks of {journal} that went out earlier than {clause} has it: {count}, the first in page"
    " {number}",
    "warning.not-judged": "blocks of {journal} whose release cannot be judged, for a page that {author} had is not"
    " here: {count}, the first in page {number}",
    "entry.cites-hidden": "entry {index} of page {number} of {journal} names an entry that {readers} may not read",
    "disclosure.malformed": "entry {index} of page {number} of {journal} discloses what is no disclosure",
    "disclosure.signature": "entry {index} of page {number} of {journal} discloses what no certified key signed",
    "disclosure.entries-root": "entry {index} of page {number} of {journal} discloses other words than those signed",
    "disclosure.other-pact": "entry {index} of page {number} of {journal} discloses a page of another pact or realm",
    "disclosure.not-to-all": "entry {index} of page {number} of {journal} discloses what was not said to all parties",
    "recall.not-originator": "entry {index} of page {number} of {journal} asks for an item that is not its author's",
    "recall.not-giver": "entry {index} of page {number} of {journal} asks back what its author did not give",
    "recall.no-request": "entry {index} of page {number} of {journal} answers a recall that there is not",
    "recall.other-item": "entry {index} of page {number} of {journal} answers a recall of another item",
    "recall.no-certificate": "entry {index} of page {number} of {journal} says destroyed without a certificate",
    "recall.not-reported": "entry {index} of page {number} of {journal} names a party not reported before",
    "recall.other-copy": "entry {index} of page {number} of {journal} certifies a copy not given to all its readers",
    "quarantine.no-ground": "entry {index} of page {number} of {journal} lets out what no ground had come for",
    "record.other-lineage": "the record of {holder} belongs to another pact and was left out",
    "record.other-realm": "the record of {holder} belongs to another realm and was left out",
    "holder.not-party": "{holder} is not a party of the pact",
    "pact.other-version": "page {number} of {journal} names another version of the pact than its author knew to hold",
    "officer.uncovered": "entry {index} of page {number} of {journal} names no officer, and {clause} asks for one",
    "officer.wrong-role": "entry {index} of page {number} of {journal} is an act ({act}) that {clause} gives others",
    "officer.not-deputy": "whoever stated entry {index} of page {number} of {journal} is deputy of no role for {act}",
    "officer.not-delegated": "what entry {index} of page {number} of {journal} does ({act}) cannot be delegated",
    "officer.too-few": "entry {index} of page {number} of {journal} has fewer officers than {clause} asks for: {act}",
    "officer.other-name": "entry {index} of page {number} of {journal} names another officer or role than acted",
    "pact.party-left": "page {number} of {journal} goes to a party that had left the pact",
    "pact.not-held": "page {number} of {journal} rests on a version of the pact that is not in the records",
    "pact.not-fitting": "version {version} of the pact does not fit the one before it: {digest}",
}

_VERDICTS: Final[Mapping[VerdictCode, str]] = {
    VerdictCode.NOTHING: "The records hold no page that could be accepted",
    VerdictCode.DISAGREEMENT: "The records disagree: {finding}; {agreed}",
    VerdictCode.BREACH: "A rule was broken: {finding}; {agreed}",
    VerdictCode.INCOMPLETE: "The records are not complete: {finding}; {agreed}",
    VerdictCode.UNWITNESSED: "The one record, of {holder}, is whole up to {agreed_at}",
    VerdictCode.UNCONFIRMED: "All {count} records agree up to {agreed_at}",
    VerdictCode.AGREED: "All {count} records agree up to {agreed_at}",
}


def word_journal(journal: JournalId) -> Phrase:
    """Name a journal. The incarnation is said only where there was more than the first."""
    fields = {"author": journal.author, "feed": Phrase(journal.feed), "audience": journal.audience}
    if journal.incarnation == 0:
        return Phrase("the {feed} journal of {author} for {audience}", fields)
    fields["incarnation"] = journal.incarnation
    return Phrase("the {feed} journal of {author} for {audience}, incarnation {incarnation}", fields)


def word_finding(finding: Finding) -> Phrase:
    """Word one finding; the fields carry all its arguments, more than the English uses."""
    fields: dict[str, object] = {
        name: word_journal(value) if isinstance(value, JournalId) else value
        for name, value in finding.arguments.items()
    }
    fields["holder"] = finding.holder or ""
    fields["number"] = finding.number
    fields["author"] = finding.journal.author if finding.journal else ""
    fields["journal"] = word_journal(finding.journal) if finding.journal else Phrase("an unknown journal")
    if finding.witness is not None:
        witness = finding.witness
        fields["witness"] = Phrase(
            "page {number} of {journal}",
            {"number": witness.number, "journal": word_journal(witness.journal), "written_at": witness.written_at},
        )
    return Phrase(FINDING_MESSAGES[finding.code], fields)


def word_row(row: Row) -> Phrase:
    """Say of one journal how far it is agreed and where knowledge of it ends."""
    fields: dict[str, object] = {"journal": word_journal(row.journal), "number": row.last_number}
    if row.agreed_number is None or row.last_number is None:
        return Phrase("{journal}: no page is agreed", fields)
    fields |= {"agreed_number": row.agreed_number, "agreed_at": row.agreed_at}
    return Phrase("{journal}: agreed up to page {agreed_number}, {agreed_at}; no witness beyond page {number}", fields)


def word_archive(row: ArchiveRow) -> Phrase:
    """Say of one warning journal what was kept of it, and how much of that its author anchored."""
    fields: dict[str, object] = {
        "journal": word_journal(row.journal),
        "first": row.first_number,
        "last": row.last_number,
        "count": row.page_count,
        "anchored_count": row.anchored_count,
    }
    return Phrase("{journal}: {count} pages kept, from {first} to {last}; {anchored_count} of them anchored", fields)


def word_tracks(row: TracksRow) -> Phrase:
    """Say what one warning journal tells of one class, and by which clause it may."""
    fields: dict[str, object] = {
        "journal": word_journal(row.journal),
        "class_": row.class_,
        "count": row.row_count,
        "blocks": row.block_count,
        "first_at": row.first_at,
        "last_at": row.last_at,
        "clauses": row.clauses or ("–",),
    }
    if row.less is None:
        return Phrase(
            "{journal}: {count} rows of {class_} in {blocks} blocks, from {first_at} to {last_at},"
            " in full by {clauses}",
            fields,
        )
    fields |= {"coarsen_m": row.less.coarsen_m, "delay_ms": row.less.delay_ms, "less": row.less.clause}
    return Phrase(
        "{journal}: {count} rows of {class_} in {blocks} blocks, from {first_at} to {last_at}, by {less} on a grid of"
        " {coarsen_m} m and {delay_ms} late",
        fields,
    )


def word_verdict(verdict: Verdict) -> Phrase:
    """Word the one sentence: what holds, then, after semicolons, who has not confirmed and where nothing is known."""
    fields: dict[str, object] = {
        "count": len(verdict.holders),
        "holders": verdict.holders,
        "holder": verdict.holders[0] if verdict.holders else "",
        "agreed": _word_agreed(verdict.agreed_at),
    }
    if verdict.agreed_at is not None:
        fields["agreed_at"] = verdict.agreed_at
    if verdict.finding is not None:
        fields["finding"] = word_finding(verdict.finding)
    first = Phrase(_VERDICTS[verdict.code], fields)
    clauses = _word_clauses(verdict)
    if not clauses:
        return Phrase("{verdict}.", {"verdict": first})
    return Phrase("{verdict}; {clauses}.", {"verdict": first, "clauses": clauses})


def _word_agreed(agreed_at: int | None) -> Phrase:
    if agreed_at is None:
        return Phrase("nothing is agreed")
    return Phrase("they agree up to {agreed_at}", {"agreed_at": agreed_at})


def _word_clauses(verdict: Verdict) -> tuple[Phrase, ...]:
    clauses: list[Phrase] = []
    fields: dict[str, object]
    # Where pages are lost or altered, so may confirmations be: of those nothing is said in one breath.
    if verdict.code not in (VerdictCode.NOTHING, VerdictCode.DISAGREEMENT):
        for party, confirmed_at, journal, _ in verdict.unconfirmed:
            if confirmed_at is None:
                fields = {"party": party, "journal": word_journal(journal)}
                clauses.append(Phrase("{party} has never confirmed {journal}", fields))
            else:
                fields = {"party": party, "confirmed_at": confirmed_at, "journal": word_journal(journal)}
                clauses.append(Phrase("{party} has not confirmed since {confirmed_at}", fields))
    if verdict.code is VerdictCode.UNWITNESSED and verdict.unwitnessed is not None:
        journal, number = verdict.unwitnessed
        fields = {"number": number, "journal": word_journal(journal)}
        clauses.append(Phrase(FINDING_MESSAGES["tail.no-witness"], fields))
    return tuple(clauses)


def format_english(phrase: Phrase) -> str:
    """Write a phrase as English text, instants as date-time groups."""
    return phrase.msgid.format_map({name: _format_field(name, value) for name, value in phrase.fields.items()})


def _format_field(name: str, value: object) -> str:
    if isinstance(value, Phrase):
        return format_english(value)
    if isinstance(value, tuple):
        joint = "; " if any(isinstance(part, Phrase) for part in value) else ", "
        return joint.join(_format_field("", part) for part in value)
    if isinstance(value, bytes):
        return format_digest(value)
    if name.endswith("_at") and isinstance(value, int):
        return format_dtg(Instant(value))
    if name.endswith("_ms") and isinstance(value, int):
        return f"{value // SECOND_MS} s"
    return str(value)
