"""Consultation, text, measure, hotline, release, duty: folds of signed entries.

May import `pact` and below. Pure and total: a state is a function of the *set* of accepted entries.

Read `entry` and `stated` first (what a fold is given), then `own` and `correction` (what every fold rests on), then a
procedure: `consultation`; `text`, `pen`, `silence`, `adoption` and `text_view`; `measure` and `matrix`; `line`.
`release` is the one funnel by which anything gets an audience. `registry` gathers the entry types, `record` the states.
"""
