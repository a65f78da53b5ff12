"""A second opinion on every procedure: texts, consultations, measures, lines, duties, agreements, release.

Written from docs/spec/procedure.md and docs/spec/release.md alone. `forms` and `known` read entries; `cut` and
`knowledge` say who knew what; `correction` and `scope` what is about which object; then a module for each procedure,
and `view` for what is shown. `judge` runs them; `comity.audit.opinion` joins them with the pages.
"""
