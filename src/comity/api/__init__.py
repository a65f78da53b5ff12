"""HTTP and JSON over a node, described by OpenAPI.

May import `exchange` and below.
"""
