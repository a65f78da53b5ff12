"""The warning picture: what three parties' sensors report, folded to one honest map.

Lives here: blocks of track updates and their bounds, the door by which own sensors' reports come in, the feed that
carries blocks, the picture that is folded from them, frames of the earth and the ballistic arc. Scope is warning: where
something came from, where it may come down and when, each with its uncertainty; no engagement, no guidance. May import
`procedure` and below, numpy and SciPy, which no room beneath knows. Pure: arrays in, arrays out, an instant is an
argument, no clock, no randomness of its own.

Read docs/spec/warning.md (W) first, then `layout` and `rows`: a block in memory and on the wire; `bounds`: what a block
may hold; `classes`: what the pact says of it; `reports` and `door`: how a sensor's floats become one; `channel`: the
feed of one party, pages in and out; `frames`; `ballistic`: the arc; `estimate`: where and when its ends are and how
sure that is. Of the picture, `picture`, then `trackbook`: what is kept; `gate`, `assign`, `fuse`: what belongs
together; `situation`: what is shown.
"""
