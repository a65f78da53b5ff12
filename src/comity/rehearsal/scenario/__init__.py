"""Scenarios: what happens to the parties of a pact, how their people behave, and what breaks (docs/spec/rehearsal.md).

Read `model` (the file), then `read` (its checks), `tables` (real ones), `history` (what happens in one run).
"""
