"""Looking after a node: what is wrong, bundles and drops in and out, a copy of the store."""

from typing import Any

from comity.api.views.exchange import DroppedIn, DroppedOut, TakenBundle
from comity.api.views.standing import Doctor, Rebuilt, StoreCopy
from comity.client.connection import Connection

__all__ = ["Upkeep"]


class Upkeep(Connection):
    """What an administrator does."""

    def show_doctor(self) -> Doctor:
        """What is wrong with this node, each finding with a code."""
        return self.ask(Doctor, "/v1/doctor")

    def rebuild_streams(self) -> Rebuilt:
        """Rebuild from the store what the outbox lost."""
        return self.do(Rebuilt, "/v1/doctor/streams")

    def copy_store(self) -> StoreCopy:
        """Copy the store, as it is at one instant, into a file beside it."""
        return self.do(StoreCopy, "/v1/store/copy")

    def read_bundle(self) -> bytes:
        """The whole record as a bundle file; `stream("/v1/bundle")` yields it as it comes."""
        return self.get_bytes("/v1/bundle")

    def take_bundle(self, raw: bytes) -> TakenBundle:
        """Take the pages of a bundle file."""
        found: TakenBundle = self.post_bytes("/v1/bundle", raw)
        return found

    def drop_out(self, to: str, *, number: int = 0) -> tuple[bytes, int, str, bool]:
        """The next part of a drop for a party: its bytes, its number, how far it reaches, whether more may follow."""
        return self.post_for_part("/v1/drop/out", {"to": to, "number": number})

    def post_for_part(self, path: str, body: Any) -> tuple[bytes, int, str, bool]:
        """As `drop_out`, by path."""
        response = self.post_for_response(path, body)
        given = response.headers
        return response.content, int(given["x-drop-number"]), given["x-drop-reached"], given["x-drop-more"] == "1"

    def note_dropped(self, to: str, *, number: int, reached: str) -> DroppedOut:
        """Say that a part lies on the stick, so that the next goes on after it."""
        return self.do(DroppedOut, "/v1/drop/written", {"to": to, "number": number, "reached": reached})

    def take_drop(self, raw: bytes) -> DroppedIn:
        """Take a part of a drop."""
        found: DroppedIn = self.post_bytes("/v1/drop/in", raw)
        return found
