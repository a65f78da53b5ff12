"""Pages, chains, heads, forks, audiences: what a party said, sealed, signed and numbered.

May import `crypto` and `base`. Pure. The format is docs/spec/journal.md and docs/spec/sealing.md; every check cites its
clause. Read `header` first (the page), then `seal` (what it says), `authenticity` (who wrote it), `branch` and `cut`
(how pages hang together) and `ledger` (the one door).
"""
