"""What a call-out says: that something waits at a node, and nothing of it (law 2).

It leaves the node for telephones, mail servers and push services. So it holds what anybody may see who knows that this
party runs a node: party, realm, FLASH or CALL, when, which step. In an exercise it says so in every language of ours,
in front and behind. Who is called is added only for a gateway of the party's own that was set so.
"""

from typing import Final, NamedTuple

import msgspec

from comity.base.instants import Instant, format_dtg, format_iso
from comity.base.names import Party

__all__ = ["Notice"]

_EXERCISE: Final = "EXERCISE EXERCISE EXERCISE / 演習 演習 演習 / 연습 연습 연습"
_SAYS: Final = {
    "flash": (
        "A FLASH message waits at the {party} node. Look at the console.",
        "{party}のノードに特別緊急(FLASH)の通報が届いています。コンソールを確認してください。",
        "{party} 노드에 특급(FLASH) 메시지가 와 있습니다. 콘솔을 확인하십시오.",
    ),
    "call": (
        "A call for consultation waits at the {party} node. Look at the console.",
        "{party}のノードに協議要請が届いています。コンソールを確認してください。",
        "{party} 노드에 협의 요청이 와 있습니다. 콘솔을 확인하십시오.",
    ),
    "test": (
        "This is a test of the alarm of the {party} node. Nothing waits.",
        "{party}のノードの警報試験です。待っているものはありません。",
        "{party} 노드의 경보 시험입니다. 기다리는 것이 없습니다.",
    ),
}
"""In all three languages at once: who carries the telephone is not known here. Fixed, for they leave the node."""


class Notice(NamedTuple):
    """One notice. `kind` is flash, call or test; `key` is the same whenever this step is called out again."""

    party: Party
    realm: str
    kind: str
    at: Instant
    step: int
    key: str
    roles: tuple[str, ...] = ()
    officers: tuple[str, ...] = ()

    @property
    def is_exercise(self) -> bool:
        """Whether it is an exercise."""
        return self.realm != "real"

    @property
    def title(self) -> str:
        """One line: the word that matters first."""
        word = {"flash": "FLASH", "call": "CALL", "test": "TEST"}[self.kind]
        title = f"{word} · {self.party} · {self.realm} · {format_dtg(self.at)}"
        return f"EXERCISE 演習 연습 {title}" if self.is_exercise else title

    def format_text(self, *, has_officers: bool) -> str:
        """Return it for people."""
        lines = [says.format(party=self.party) for says in _SAYS[self.kind]]
        lines.append(f"{self.party} · {self.realm} · {format_dtg(self.at)} · {self.step}")
        if has_officers:
            lines.append(" · ".join((*self.roles, *self.officers)))
        return "\n".join((_EXERCISE, *lines, _EXERCISE) if self.is_exercise else lines)

    def encode(self, *, has_officers: bool) -> bytes:
        """Return it for a program."""
        fields: dict[str, object] = {
            "format": 1,
            "party": self.party,
            "realm": self.realm,
            "is_exercise": self.is_exercise,
            "kind": self.kind,
            "at": format_iso(self.at),
            "dtg": format_dtg(self.at),
            "step": self.step,
            "key": self.key,
            "title": self.title,
            "text": self.format_text(has_officers=has_officers),
        }
        if has_officers:
            fields |= {"roles": self.roles, "officers": self.officers}
        return msgspec.json.encode(fields)
