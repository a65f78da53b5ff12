"""What kept pages of the warning feed say, read a second time from docs/spec/warning.md: rows, bounds, terms, grids.

Nothing here is shared with `comity.warning`, and there are no arrays: `columns` reads numbers with `struct`, `bounds`
and `block` hold them against W1 to W5, `classes` against the pact (W7, W8), `told` re-derives who may be told a class
and how coarsely (W20, W21), `grid` holds coarsened rows against W23, `ledger` joins these to findings, `difference`
says why two parties' pictures differ (W52). Read `ledger` first.
"""
