"""`python -m comity.node.feed`: the warning process, started by its node and by nobody else."""

import asyncio

from comity.node.feed.child import run_child

asyncio.run(run_child())
