"""The web pages of the watch floor.

May import `api` and below. Nothing lives here yet.
"""
