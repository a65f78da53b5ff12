"""`python -m comity.cli` is `comity`."""

from comity.cli.entry import main

main()
