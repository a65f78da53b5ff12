"""The lean rehearsal: the pact's own rules on a queue of acts, without cryptography, bytes and machines (R66 to R70).

A year of three parties in seconds, so that a scenario can be run a thousand times. What is judged is judged by the
folds of `procedure` themselves; who does what when is drawn. A test holds it against the whole rehearsal: the same acts
come to the same outcomes. Read `forum` (a pact and what was said under it), `sitting` (one consultation), `course` (one
run), `outcome` (what it came to), `many` (runs on all cores), `summary` (figures with their intervals).
"""
