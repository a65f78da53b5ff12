"""The warning picture: what three parties' sensors report, folded to one honest map.

Lives here: frames of the earth and the ballistic arc. Scope is warning: where something came from, where it may come
down and when, each with its uncertainty; no engagement, no guidance. May import `procedure` and below, numpy and
scipy. Pure: arrays in, arrays out, no clock, no randomness of its own. Read `frames` first.
"""
