"""Every journal that one reader holds, and the one door by which a page comes in (docs/spec/journal.md, J11).

Rules that keep it so:
- A verdict depends on the page's bytes, the pins, root statements and the pages of its own family, never on the
  reader's clock or the order of arrival: what waits for something is *held* and judged again when it comes; what was
  refused for want of a key is judged again when the author's root says more.
- Nobody can crowd out another's pages (`held`).
- `accept` returns or raises nothing: bytes from outside end as a `Judgement`.
- Nothing is ever removed. Forks are kept; standing is a view over the set.

Not here: bytes on disk (the driver keeps them), entries (see `seal`), what statements mean (see `procedure`).
"""

import contextlib
import enum
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.suite import Suite
from comity.journal.authenticity import (
    Need,
    NeedKind,
    check_author,
    check_place,
    find_checkpoint_heads,
    find_closure,
    follows_plainly,
    merge_epochs,
)
from comity.journal.branch import Book, Placed, find_disputed, find_rival_branches, is_left_out
from comity.journal.cut import find_cut, find_latest_at, is_whole, merge_seen
from comity.journal.header import JournalId, Kind, Page, SeenHead, parse_page
from comity.journal.heads import Heads
from comity.journal.held import Held
from comity.journal.published import find_statements
from comity.journal.statement import Closure
from comity.journal.trust import Trust
from comity.journal.wanted import Missing, Wanted
from comity.journal.witness import Witnesses

__all__ = ["ACCEPTED", "Judgement", "Ledger", "Standing", "Verdict"]


class Verdict(enum.Enum):
    """What became of a page at the door."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    HELD = "held"
    DROPPED = "dropped"
    """Too many held already: not kept, to be asked for again."""
    REFUSED = "refused"


class Standing(enum.Enum):
    """What the set of pages says of an accepted page (J16 to J18)."""

    GOOD = "good"
    DISPUTED = "disputed"
    DISOWNED = "disowned"


class Judgement(NamedTuple):
    """The verdict on one page. `page` is None where the bytes are not a page; `code` is set unless accepted."""

    verdict: Verdict
    raw: bytes
    page: Page | None
    code: str = ""
    rival_count: int = 0
    """Other accepted pages of the same number of this journal, as this one was accepted."""

    @property
    def is_fork(self) -> bool:
        """Whether the page is fork evidence against its author (J16)."""
        return self.rival_count > 0


# A name in an enum is looked up by a call (Python 3.11), and these are asked of every page of the store at a start.
ACCEPTED: Final = Verdict.ACCEPTED
_CHECKPOINT: Final = Kind.CHECKPOINT
_GOOD: Final = Standing.GOOD

_DOUBTED: Final = ("page.signature", "page.checkpoint", "statement.signature")
"""Codes of refusals that another certificate or succession of the author could undo."""


class Ledger:
    """The journals of one realm as one reader holds them; `reader` None reads as an auditor, in every audience."""

    def __init__(self, trust: Trust, *, reader: Party | None, suite: Suite) -> None:
        self.trust = trust
        self.reader = reader
        self.version = 0
        self.unrest = 0
        """Grows when the standing of accepted pages may have changed: by forks, closures, names in forked journals."""
        self.hindsight = 0
        """Grows when the cut of an accepted page may have: by a page of its author that it named before that came."""
        self.parse: Callable[[bytes, Suite], Page] = parse_page
        """How bytes become a page: a rehearsal, whose parties all read the same bytes, reads each only once."""
        self._suite = suite
        self._books: dict[Digest, Book] = {}
        self.witnesses = Witnesses(self._books)
        self._heads = Heads(self._books, suite)
        self._pages: dict[Digest, Placed] = {}
        self._openings: dict[tuple[str, Party, Audience], list[tuple[Placed, Closure | None]]] = {}
        """Page 0 of each later incarnation, by family: only those leave anything out."""
        self.wanted = Wanted(self._books)
        self._held = Held(self.wanted)
        self._vouched: set[Digest] = set()
        """Pages whose signatures were checked by an earlier run, until they are accepted anew."""
        self._settled_version = trust.version
        self._forked: set[bytes] = set()
        self._disputed: dict[Digest, tuple[int, frozenset[Digest]]] = {}

    def accept(self, raw: bytes, *, is_stored: bool = False) -> tuple[Judgement, ...]:
        """Judge a page from anywhere; the first judgement is its own, the others are of held pages it set free.

        `is_stored`: it was taken before, so that no bound of bytes makes it go away again.
        """
        try:
            page = self.parse(raw, self._suite)
        except RemoteError as error:
            return (Judgement(Verdict.REFUSED, raw, None, error.code),)
        return self._take(page, is_stored=is_stored)

    def accept_vouched(self, page: Page) -> tuple[Judgement, ...]:
        """Judge a page that this reader accepted before: its signatures, checked then, are not checked again.

        All else is judged as in `accept`; nothing but the digests of its bytes is believed.
        """
        if not follows_plainly(page, self._pages):
            self._vouched.add(page.digest)
            return self._take(page, is_stored=True)
        first = self._place(page)
        return (first, *self._judge_again([Need.for_page(page.digest)])) if self._held else (first,)

    def _take(self, page: Page, *, is_stored: bool) -> tuple[Judgement, ...]:
        self._learn_from(page)
        first = self._judge(page, is_stored=is_stored)
        needs = [Need.for_page(page.digest)] if first.verdict is Verdict.ACCEPTED else []
        return (first, *self._judge_again(needs))

    def learn(self, statements: tuple[bytes, ...]) -> tuple[Judgement, ...]:
        """Believe root statements that came by another way (S11) and judge again what waited for them.

        Raises:
            RemoteError: as `Trust.learn`.
        """
        self.trust.learn(statements)
        if self.trust.version > self._settled_version:
            self.version += 1
        return tuple(self._judge_again([]))

    def _learn_from(self, page: Page) -> None:
        """Believe root statements wherever their bytes lie (S11), so that it never matters what came first."""
        statements = find_statements(page)
        if statements and page.digest not in self._pages:
            with contextlib.suppress(RemoteError):
                self.trust.learn(statements)

    def _judge(self, page: Page, *, is_stored: bool) -> Judgement:
        if page.digest in self._pages:
            return Judgement(Verdict.DUPLICATE, page.raw, page)
        try:
            is_vouched = page.digest in self._vouched
            need = check_author(page, trust=self.trust, reader=self.reader, suite=self._suite, is_vouched=is_vouched)
            if need is None:
                need = check_place(page, self._pages)
        except RemoteError as error:
            if error.code in _DOUBTED:
                self._held.keep(page, Need(NeedKind.DOUBT, party=page.header.journal.author))
            return Judgement(Verdict.REFUSED, page.raw, page, error.code)
        if need is not None:
            return self._hold(page, need, is_stored=is_stored)
        return self._place(page)

    def _find_rivals(self, page: Page, number: int) -> list[Placed]:
        """Return the accepted pages of this page's journal that have the given number."""
        book = self._books.get(page.journal)
        return book.by_number[number] if book is not None and 0 <= number < len(book.by_number) else []

    def _hold(self, page: Page, need: Need, *, is_stored: bool) -> Judgement:
        verdict = Verdict.HELD if self._held.keep(page, need, is_stored=is_stored) else Verdict.DROPPED
        return Judgement(verdict, page.raw, page, self._find_held_code(page, need))

    def _find_held_code(self, page: Page, need: Need) -> str:
        has_other = need.kind is NeedKind.PAGE and self._find_rivals(page, page.header.number - 1)
        return "page.previous" if has_other else need.code

    def _place(self, page: Page) -> Judgement:
        header, digest, witnesses = page.header, page.digest, self.witnesses
        parent = self._pages[header.previous] if header.number else None
        named = merge_seen(parent, header)
        latest_at = header.written_at if parent is None else max(header.written_at, parent.latest_at)
        epochs = merge_epochs(parent, page)
        news_number = header.number if header.kind.obliges_receipt else -1 if parent is None else parent.news_number
        placed = Placed(header, digest, page.journal, parent, named, epochs, latest_at, news_number)
        book = self._get_book(page)
        rival_count = book.place(placed)
        self._heads.note_page(book)
        self._pages[digest] = placed
        self._vouched.discard(digest)
        self.version += 1
        self.wanted.has_come(placed)
        self.hindsight += witnesses.is_named_by(header.journal.author, placed)
        is_restless = book.is_forked
        heads = header.seen if header.kind is not _CHECKPOINT else (*header.seen, *find_checkpoint_heads(page))
        for head in heads:
            witnesses.add(head, placed)
            if head.page not in self._pages:
                self.wanted.name(head, placed)
            is_restless = is_restless or head.journal in self._forked
        if book.is_forked:
            self._forked.add(book.digest)
        if header.number == 0 and header.journal.incarnation > 0:
            is_restless = True
            self._openings.setdefault(header.journal.family, []).append((placed, find_closure(page)))
        self.unrest += is_restless
        return Judgement(ACCEPTED, page.raw, page, rival_count=rival_count)

    def _get_book(self, page: Page) -> Book:
        book = self._books.get(page.journal)
        if book is None:
            book = self._books[page.journal] = Book(page.header.journal, page.journal)
            self._heads.note_book(book)
        return book

    def _judge_again(self, needs: list[Need]) -> Iterator[Judgement]:
        """Judge what waited for these, for new root statements, and for what that sets free, until nothing moves."""
        queue = list(needs)
        while queue or self.trust.version > self._settled_version:
            if self.trust.version > self._settled_version:
                self._settled_version = self.trust.version
                queue.extend(self._held.list_trust_needs())
                continue
            need = queue.pop(0)
            for page in self._held.release(need):
                judgement = self._judge(page, is_stored=True)  # it was held, and stored with that
                is_news = need.kind is not NeedKind.DOUBT or judgement.verdict is Verdict.ACCEPTED
                if is_news and judgement.verdict is not Verdict.HELD:
                    yield judgement
                if judgement.verdict is Verdict.ACCEPTED:
                    queue.append(Need.for_page(page.digest))

    def find_page(self, digest: Digest) -> Placed | None:
        """Return an accepted page by its digest."""
        return self._pages.get(digest)

    def find_book(self, journal: Digest) -> Book | None:
        """Return all accepted pages of a journal."""
        return self._books.get(journal)

    def books(self) -> tuple[Book, ...]:
        """Return every journal held, in a fixed order."""
        return tuple(self._books[key] for key in sorted(self._books))

    def held(self) -> tuple[tuple[Page, str], ...]:
        """Return the pages that wait, with the code of what they wait for."""
        rows = [(page, self._find_held_code(page, need)) for need, page in self._held.rows()]
        return tuple(sorted(rows, key=lambda row: (row[0].digest, row[0].signature)))

    @property
    def may_lack_pages(self) -> bool:
        """Whether a page is known only by name, or one that is here waits: else there is nothing to ask for."""
        return bool(self._held) or self.wanted.is_any_missing

    def find_missing(self) -> tuple[Missing, ...]:
        """Return the pages known only by name (J19)."""
        return self.wanted.find_missing()

    def find_heads(self, audience: Audience, *, but: Digest) -> tuple[SeenHead, ...]:
        """Return the tips of all journals, except `but`, whose audience contains this one (J12)."""
        return self._heads.find_all(audience, but=but)

    def find_unnamed(self, journal: JournalId) -> tuple[SeenHead, ...]:
        """Return the heads that the next page of this own journal has to name: those its branch has not named yet."""
        return self._heads.find_unnamed(journal)

    def find_news(self, journal: JournalId) -> tuple[SeenHead, ...]:
        """Return those of the unnamed heads that a receipt in this own journal has to name (J12)."""
        return self._heads.find_news(journal)

    def find_standing(self, placed: Placed) -> Standing:
        """Return the standing of an accepted page over the set held now."""
        if self._openings and any(self._find_disowning(placed)):
            return Standing.DISOWNED
        book = self._books[placed.journal]
        if book.is_forked and placed.digest in self._find_disputed(book):
            return Standing.DISPUTED
        return _GOOD

    def _find_disowning(self, placed: Placed) -> Iterator[Placed]:
        """Yield each page 0 of a later incarnation that leaves this page out (J17)."""
        journal = placed.header.journal
        for opening, closure in self._openings.get(journal.family, ()):
            is_later = opening.header.journal.incarnation > journal.incarnation
            if is_later and is_left_out(placed, closure, self._pages):
                yield opening

    def find_doubts(self, placed: Placed) -> Mapping[Digest, int]:
        """Return the pages that make this one disputed or disowned: journal digest to the lowest number; none if good.

        Whoever had one of them knew, or could have known, that this page no longer counts as consent (P22).
        """
        doubts = {opening.journal: 0 for opening in self._find_disowning(placed)}
        book = self._books[placed.journal]
        if book.is_forked and placed.digest in self._find_disputed(book):
            rivals = find_rival_branches(placed, book)
            doubts |= {
                journal: min(number, doubts.get(journal, number))
                for journal, number in self.witnesses.find_naming(book.digest, rivals, except_by=book.id.author).items()
            }
        return doubts

    def _find_disputed(self, book: Book) -> frozenset[Digest]:
        version, disputed = self._disputed.get(book.digest, (-1, frozenset()))
        if version != self.version:
            named = self.witnesses.find_named(book.digest, except_by=book.id.author)
            disputed = find_disputed(book, named)
            self._disputed[book.digest] = (self.version, disputed)
        return disputed

    def find_cut(self, placed: Placed) -> Mapping[Digest, int]:
        """Return what the author provably had when it wrote this page: journal digest to highest number (J12)."""
        return find_cut(placed, self._pages)

    def find_latest_at(self, placed: Placed) -> Instant:
        """Return the latest clock of what the author provably had when it wrote this page, its own included (R10)."""
        return find_latest_at(placed, self.find_cut(placed), self._books)

    def has_whole_cut(self, placed: Placed) -> bool:
        """Tell whether every page that the author provably had when it wrote this one is here."""
        return is_whole(self.find_cut(placed), self._books)
