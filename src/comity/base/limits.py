"""Every bound in one place, each with its unit and its reason. A limit that a format depends on is part of the spec."""

from typing import Final

PAGE_SIZE_BYTES_MAX: Final = 64 * 1024
"""A whole page, header and signature included: a lone statement is never stuck behind a long transfer."""

BULK_PAGE_SIZE_BYTES_MAX: Final = 512 * 1024
"""A page of the bulk or warning feed: half of the 1 MiB default payload of the outbox's server."""

ENTRY_COUNT_MAX: Final = 4096
"""Entries in one page: bounds the Merkle tree that a reader builds before it trusts anything."""

ENTRY_SIZE_BYTES_MAX: Final = 48 * 1024
"""One encoded entry: fits a record page with room for header and seal."""

DISCLOSED_SIZE_BYTES_MAX: Final = 40 * 1024
"""A disclosure inside an entry: leaves room beside it for a certificate of the usual size."""

AUDIENCE_COUNT_MAX: Final = 256
"""Parties in one audience: rehearsals go to 200."""

PARTY_NAME_SIZE_MAX: Final = 12
"""Characters in a party's short name."""

REALM_NAME_SIZE_MAX: Final = 48
"""Characters in a realm's name."""

SEEN_COUNT_MAX: Final = 512
"""Heads named in one header; more go into the next page."""

ESCALATION_STEP_COUNT_MAX: Final = 32
"""Steps of one party's ladder of whom to call while nobody answers (P91)."""

OPENING_COUNT_MAX: Final = 8
"""Root statements in one header: a certificate, a closure, and the successions of a party that lost several roots."""

STATEMENT_SIZE_BYTES_MAX: Final = 16 * 1024
"""A root statement: a certificate holds an ML-DSA-65 key (1,952 bytes) and two receiving keys (1,216 bytes each)."""

BRANCH_COUNT_MAX: Final = 64
"""Branches of one journal that a writer names, and pages of one number before the author is said to flood it. All are
kept: a limit to that would let the order of arrival choose between a liar's pages."""

PENDING_COUNT_MAX: Final = 4096
"""Pages of one author held while an earlier one is missing, and as many more while his certificate is; past it the
latest are asked for again."""

PENDING_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024
"""All of these together: those without a certificate may be anybody's, and all lie in memory and in the store."""

DOUBTED_COUNT_MAX: Final = 64
"""Refused pages of one author that a root statement still to come could make good; past it they are only evidence."""

DOUBTED_SIZE_BYTES_MAX: Final = DOUBTED_COUNT_MAX * PAGE_SIZE_BYTES_MAX
"""All of these together, 4 MiB: anybody can make them in an author's name, and they lie in memory."""

EVIDENCE_COUNT_MAX: Final = 10_000
"""Refusals kept as evidence; a flood of garbage must not fill the disk."""

EVIDENCE_SIZE_BYTES_MAX: Final = 256 * 1024 * 1024
"""The bytes of all of them: past it no more are kept."""

GARBAGE_SIZE_BYTES_MAX: Final = 4096
"""What is kept of bytes that are no page: nobody signed them, so they prove nothing; enough to see what they were."""

UNPLACED_STATEMENT_COUNT_MAX: Final = 64
"""Root statements of one party kept while no known root signed them: who has more was never in the chain of roots."""

INCARNATION_MAX: Final = 1_000_000
"""Keys that one party can go through."""

PACT_SIZE_BYTES_MAX: Final = 1024 * 1024
"""A pact file."""

SHEET_SIZE_BYTES_MAX: Final = 4 * 1024 * 1024
"""A spreadsheet with a list of injects."""

PACT_DEPTH_MAX: Final = 12
"""Keys and indices from the top of a pact file to its deepest value; the model needs seven."""

PACT_TEXT_SIZE_MAX: Final = 4096
"""Characters in one text of a pact file."""

PACT_ROW_COUNT_MAX: Final = 2048
"""Rows in one list of a pact file."""

PROOF_DECISION_COUNT_MAX: Final = 3_000_000
"""Release decisions that proving one pact may take, at most: a minute or two. Twelve parties with six levels and six
topics need half a million."""

PACT_FINDING_COUNT_MAX: Final = 200
"""Findings named for one file: whoever has more has the wrong file."""

BUNDLE_SIZE_BYTES_MAX: Final = 4 * 1024**3
"""A bundle file; it is read page by page, never whole into memory by a node."""

BUNDLE_BODY_SIZE_BYTES_MAX: Final = 256 * 1024 * 1024
"""A bundle file that a running node takes in one request, whole in memory; a larger record is carried in several."""

AUTHORITY_SIZE_BYTES_MAX: Final = 1024
"""The X.509 authority of a party's links, DER: an Ed25519 certificate of our form has about 400 bytes."""

PULL_SIZE_BYTES_MAX: Final = 4 * 1024 * 1024
"""Page bytes that one pull may bring: what a reader buffers for one stream before it acknowledges anything."""

PULL_COUNT_MAX: Final = 64
"""Pages in one pull, fewer where pages are larger; the reader's consumer refuses more."""

PULL_WAITING_COUNT_MAX: Final = 8
"""Pulls that may wait at one consumer: one per connection that a peer may hold."""

PULL_EXPIRES_MS: Final = 30_000
"""How long a pull may wait at the server for a page; the reader renews it."""

ACK_WAIT_MS: Final = 3_000
"""After this an unacknowledged page is sent again: long for a commit, short for a person."""

PEER_CONNECTION_COUNT_MAX: Final = 8
"""Connections of one peer in one realm: record, bulk and warning, each while an old one is not yet noticed dead."""

PEER_SUBSCRIPTION_COUNT_MAX: Final = 1024
"""Subscriptions of one peer in one realm: one for each connection, and one for each stream that it follows."""

FOLLOWED_COUNT_MAX: Final = 512
"""Announced streams of one party that a reader pulls: within what that party's server lets one peer subscribe to."""

PEER_PAYLOAD_SIZE_BYTES_MAX: Final = 4096
"""One message from a peer to an outbox: pull requests, acknowledgements and page requests are all small."""

LINK_MESSAGE_SIZE_BYTES_MAX: Final = 1024 * 1024
"""One message from a server to a node: the server's own default payload limit."""

PAGES_CHUNK_SIZE_BYTES: Final = 512_000
"""Answers of the pages service are cut into chunks of this size; a single larger page travels alone."""

PAGES_CHUNK_COUNT_MAX: Final = 80
"""Chunks in one answer, so at most 42 MB, and the largest blob in pieces: for more pages one asks again."""

PAGES_WAITING_COUNT_MAX: Final = 4
"""Page requests of one reader in work or waiting; more are dropped and come again when they time out."""

WARNING_RETENTION_MS: Final = 15 * 60 * 1000
"""How long an outbox keeps pages of the warning feed: tracks are stale long before."""

ITEM_PORTION_COUNT_MAX: Final = 255
"""Portions of an item: with its head, a tree of at most 256 leaves."""

ATTACHMENT_SIZE_BYTES_MAX: Final = 64 * 1024**2
"""One attachment: photographs, recordings, a track of a day. Larger ones are cut by whoever has them."""

ATTACHED_SIZE_BYTES_MAX: Final = 4 * ATTACHMENT_SIZE_BYTES_MAX
"""All attachments of one item together: what a giver makes every reader fetch and keep."""

ATTACHMENT_COUNT_MAX: Final = 16
"""Attachments of one item: their chunks' ids fit beside the text in its blob."""

ATTACHMENT_CHUNK_SIZE_BYTES: Final = 512 * 1024
"""One chunk of an attachment's content, half the server's payload: all of it that lies in memory at once."""

ATTACHMENT_HEAD_SIZE_BYTES_MAX: Final = 8192
"""An attachment's name, size and 128 digests of chunks: 4,352 bytes and a name."""

ATTRIBUTION_SIZE_BYTES_MAX: Final = 512
"""To whom something is attributed: a name, not a story."""

BLOB_SIZE_BYTES_MAX: Final = 16 * 1024**2
"""A sealed blob: it is held in memory whole while its id is checked."""

ITEM_SIZE_BYTES_MAX: Final = BLOB_SIZE_BYTES_MAX - 4096
"""An item's rendition: leaves room for the blob's own frame and seal."""

KEY_WRAP_SIZE_BYTES_MAX: Final = 2048
"""A blob's key wrapped for one party: 1,168 bytes and the names around it."""

CONSENT_SIZE_BYTES_MAX: Final = 512
"""One consent: two digests, a realm, three parties, two instants."""

CONSENT_COUNT_MAX: Final = 64
"""Consents enclosed in one passing-on: one for each recipient and each originator of a portion; more go apart."""

INSTANT_MS_MAX: Final = 253_402_300_799_999
"""The last millisecond of the year 9999, UTC: later instants are refused as malformed."""

BUNDLE_FRAME_SIZE_BYTES_MAX: Final = 2 * 1024 * 1024
"""One frame of a bundle: a pact file or the largest page, with room for its type."""

LANGUAGE_COUNT_MAX: Final = 16
"""Language versions of one text."""

CITATION_COUNT_MAX: Final = 256
"""Entries that one entry may name in one list: a witness of an adoption names one consent for each party."""

AREA_POINT_COUNT_MAX: Final = 128
"""Corners of one polygon: two of them are compared edge by edge."""

AREA_RADIUS_M_MAX: Final = 2_000_000
"""Radius of a circle in metres: wider than any notice to airmen or mariners needs."""

ENTRY_DEPTH_MAX: Final = 16
"""Arrays within arrays in one entry, itself the first: ours need 5. Bounded here, not by the interpreter's stack."""

BUNDLE_TYPE_SIZE_MAX: Final = 32
"""Characters in the type of a bundle's frame."""

ENDPOINT_COUNT_MAX: Final = 16
"""Endpoints at which a party says that its outbox is to be reached."""

ENDPOINT_SIZE_MAX: Final = 256
"""Characters in one endpoint: a host name has at most 253."""

WRAP_COUNT_MAX: Final = 2 * AUDIENCE_COUNT_MAX
"""Wraps in one key page: two for each party of the largest audience; fewer fit into a record page."""

BUNDLE_CHUNK_SIZE_BYTES: Final = 65_536
"""One chunk of a sealed bundle: what is released has been authenticated, a chunk at a time."""

AUDIT_SKEW_MS: Final = 5 * 60 * 1000
"""How far a page's clock may lie before that of a page which it names until an audit calls it odd."""

REHEARSAL_EVENT_COUNT_MAX: Final = 2_000_000
"""Events in one rehearsal: a hundred times what the longest play needs. Past it somebody runs in circles."""

XML_SIZE_BYTES_MAX: Final = 2 * 1024 * 1024
"""An XML document from outside: the largest public warnings with resources inside have a few hundred kB."""

XML_DEPTH_MAX: Final = 32
"""Elements within elements: JMA telegrams need 11, CAP with a signature 9."""

XML_ELEMENT_COUNT_MAX: Final = 50_000
"""Elements of one document: a forecast of all Japanese coasts has about 2,000."""

XML_ATTRIBUTE_COUNT_MAX: Final = 64
"""Attributes of one element."""

XML_NAME_SIZE_MAX: Final = 512
"""Characters in a name with its namespace."""

INDICATOR_TABLE_SIZE_BYTES_MAX: Final = 1024 * 1024
"""A file of an indicator's values."""

INDICATOR_ROW_COUNT_MAX: Final = 2_000
"""Values in one file: five years of days."""

GEOJSON_SIZE_BYTES_MAX: Final = 1024 * 1024
"""A file of areas: eight polygons of 128 corners have about 40 kB."""

DROP_PART_SIZE_BYTES: Final = 32 * 1024 * 1024
"""Pages and blobs after which a part of a file drop is full: a small stick holds it, and a pulled one costs little."""

DROP_SIZE_BYTES_MAX: Final = 96 * 1024 * 1024
"""One part: what fills it, the last page's blobs, and the frames around them."""

SENSOR_COUNT_MAX: Final = 64
"""Sensors that one block of the warning feed names."""

SENSOR_NAME_PATTERN: Final = r"^[A-Za-z0-9](?:[A-Za-z0-9 ._/+-]{0,46}[A-Za-z0-9])?\Z"
"""What an author calls a sensor: up to 48 characters that look the same on every screen."""

WAITING_ROW_COUNT_MAX: Final = 262_144
"""Rows that wait for a page of one own warning journal: half a second of the largest flow that is promised, 18 MB."""

WARNING_WINDOW_PAGE_COUNT: Final = 32_768
"""Pages of one warning journal that a reader remembers by number: more than the stream keeps, at any flow promised."""

WARNING_HELD_SIZE_BYTES_MAX: Final = 32 * 1024 * 1024
"""Pages of one author's warning feed that wait for a key or a certificate; past it the oldest go, and are counted."""

WARNING_GAP_COUNT_MAX: Final = 1024
"""Runs of missing pages of one warning journal that a reader keeps apart; past it the oldest is given up."""

COT_SIZE_BYTES_MAX: Final = 64 * 1024
"""One event of Cursor on Target: a track has one or two kB, and what clients send of themselves no more."""

COT_WORD_SIZE_MAX: Final = 512
"""Characters of one of its words: a name, a type, what it says of its marking."""

REPORT_LINE_SIZE_BYTES_MAX: Final = 4096
"""One report as a line of JSON: with both estimates and every digit it has about 1,200 bytes."""

SOURCE_TRACK_COUNT_MAX: Final = 20_000
"""Tracks that one source has at a time: all ships of a busy sea."""

SOURCE_RATE_PER_S: Final = 20_000
"""Reports a second that one source may hand in, if the node's operator does not set another number."""
