"""Backups of a home: one sealed file, what is in it, how it is made, checked and put back.

May import what `node` may. Read `sealed_file` for the form of the file, `manifest` for what it holds, `make` and
`restore` for the two acts. A backup is believed only when every digest in it has been checked, pages included.
"""
