"""The after-action report on paper: `sheet` says what stands in it, `html` and `pdf` set it, `plots` draws.

Read `sheet` first: both forms are set from the same blocks, so neither can say what the other does not.
"""
