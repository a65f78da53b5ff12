"""What was agreed: the pact file, its checks, and the duties that its commitments compile to.

May import `crypto` and `base`, never `journal` (so that `audit` can read a pact without it). Pure: no file, no clock.

Read `model` first (the pact as a value), then `parse` (from bytes to it, with every finding), then what follows from
a pact: `duty` (who owes what by when), `release` (what may go where), `zone` (local time), `draft` (from profile to
pact file). `terms`, `signatory`, `marking`, `agreement`, `commitment`, `consultation`, `policy` are the model's parts.
"""
