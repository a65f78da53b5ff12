"""Exercises: what is to happen in one, written down beforehand as a list of injects (MSEL).

Lives here: the list, its checks, how its times are written. Clauses: docs/spec/exercise.md (E). May import `procedure`
and below. Pure: bytes in, values out, no clock. Read `msel` first: what a list holds; then `check_msel`: when it is
one.
Then `course`: how it goes while it is played. What is signed of that is in `procedure.exercise` and `procedure.play`.
"""
