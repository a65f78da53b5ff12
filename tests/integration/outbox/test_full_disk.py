"""An outbox whose real disk is full: pages wait, and go out once there is room, though the server must be replaced."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server

SCENE = """
import asyncio, subprocess
from pathlib import Path
from comity.base.errors import OutageError
from kit.outbox import RealWorld, keyed, pages, stream_of

FOLDER = Path("{folder}")

async def main():
    world = RealWorld(FOLDER / "world")
    await world.start()
    stream, last = stream_of("JPN", "USA"), 0
    await world.outbox.ensure_stream(stream, ["JPN"])
    given = pages(200, size_bytes=60_000)
    try:
        for page in given:
            last = await world.outbox.publish(stream, *keyed(page), expected_last_sequence=last)
    except OutageError as error:
        assert error.code == "outbox.unavailable", error.code
    assert 5 < last < 200
    subprocess.run(["mount", "-o", "remount,size=64m", str(FOLDER)], check=True)
    world.server.kill()
    await world.server.wait()
    await world.recover()
    for page in given[last:last + 20]:
        while True:
            try:
                last = await world.outbox.publish(stream, *keyed(page), expected_last_sequence=last)
                break
            except OutageError as error:
                assert error.code != "outbox.behind", "a page that was taken is gone"
                await asyncio.sleep(0.2)
    held = await world.outbox.describe(stream)
    assert (held.last, held.has_hole) == (last, False)
    for sequence, page in enumerate(given[:last], start=1):
        assert await world.outbox.find_page(stream, sequence) == page
    await world.stop()

asyncio.run(main())
"""


def test_what_found_no_room_goes_out_when_there_is_room(tmp_path: Path) -> None:
    """On a small file system of its own, in a mount namespace of its own."""
    is_able = shutil.which("unshare") and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0
    if not is_able:
        pytest.skip("a small file system needs the right to mount one")
    folder = tmp_path / "small"
    folder.mkdir()
    scene = tmp_path / "scene.py"
    scene.write_text(SCENE.format(folder=folder))
    paths = os.pathsep.join(path for path in sys.path if path)
    mounted = f"mount -t tmpfs -o size=3m small {folder} && exec {sys.executable} {scene}"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", mounted],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
