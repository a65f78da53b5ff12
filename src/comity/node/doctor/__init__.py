"""The doctor: what is wrong with a home and a node, each finding with a code and what to do about it.

May import what `node` may. `finding` says what a finding is; `keys`, `surroundings` and `at_rest` look at what lies on
the disk; `in_life` and `streams` ask a running node. Looking changes nothing; what can be mended without a decision is
mended only when that is asked for. Words are the catalogue's: `comity explain CODE`.
"""
