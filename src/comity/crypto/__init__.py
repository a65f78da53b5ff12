"""The only room that imports `cryptography`: a small `Suite` protocol and its one production form.

May import `base`. Read `suite` first.
"""
