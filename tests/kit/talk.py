"""A consultation with everything that its page shows: threats, positions, a text in three languages, measures."""

import time
from typing import Any, Final

from comity.base.instants import HOUR_MS, SECOND_MS
from comity.base.names import Party
from kit.api import Apis
from kit.stage import words

__all__ = ["Play", "marked", "play_talk"]

OPEN: Final = {"JPN": "JPN-OPEN", "KOR": "KOR-OPEN", "USA": "USA-U"}


def marked(party: Party, **by_language: str) -> dict[str, object]:
    """Text of a party at its lowest level, in several languages."""
    texts = [{"language": language, "text": by_language[language]} for language in sorted(by_language)]
    return {**words(party, ""), "translations": texts}


class Play:
    """States things for any party, and waits until all have them."""

    def __init__(self, apis: Apis) -> None:
        self.apis = apis
        self.parties: tuple[Party, ...] = tuple(sorted(apis.nodes.accepted))

    def say(self, party: Party, type_: str, **fields: Any) -> str:
        """State one entry to all, and wait until it is everywhere."""
        (id_,) = self.apis.state({"type": type_, **fields}, party=party, to=self.parties)
        self.apis.reaches(id_, *self.parties)
        return id_

    def now(self) -> int:
        """The time."""
        return time.time_ns() // 1_000_000

    def call(self, party: Party = "KOR", **changed: Any) -> str:
        """Have a party call for consultation."""
        fields = {"commitment": "C1", "level": "advisers", "kind": "missile-launch", "threats": [], "threatened": []}
        return self.say(party, "ConsultationCalled", **{**fields, **changed})

    def text(self, consultation: str, *versions: dict[str, str], party: Party = "USA") -> tuple[str, str]:
        """Have a party open a text and put these versions of it, one after the other; return text and last version."""
        languages = sorted(versions[0])
        text = self.say(party, "TextOpened", consultation=[consultation], kind="joint-statement", languages=languages)
        follows: list[str] = []
        for version in versions:
            self.say(party, "TextVersionProposed", text=text, follows=follows, body=marked(party, **version))
            follows = [self.version(text, party)]
        return text, follows[0]

    def version(self, text: str, party: Party = "USA") -> str:
        """The version of a text that is on the table."""
        return str(self.apis.get(f"/v1/texts/{text}", party=party)["versions"][-1]["digest"])

    def terms(
        self, party: Party, instrument: str = "patrol", *, hours: tuple[int, int] = (1, 13), **changed: Any
    ) -> Any:
        """Terms of a measure."""
        fields = {
            "instrument": instrument, "actor": f"{instrument}-1", "areas": [], "announce_at": 0, "target": [],
            "starts_at": self.now() + hours[0] * HOUR_MS, "ends_at": self.now() + hours[1] * HOUR_MS,
            "depends_on": [], "description": marked(party, en=f"The {instrument}."), "caveats": [],
        }  # fmt: skip
        return {**fields, **changed}

    def offer(self, party: Party, consultation: str, terms: Any, *with_: Party) -> str:
        """Have a party offer a measure."""
        return self.say(
            party, "MeasureOffered", consultation=[consultation], coordinated_with=sorted(with_), terms=terms
        )


FIRST: Final = {
    "en": "We condemn the launch. We will respond together, in accordance with our commitment to consult.",
    "ja": "我々は今回の発射を非難する。協議するとの約束に従い、共に対応する。",
    "ko": "우리는 이번 발사를 규탄한다. 협의 공약에 따라 함께 대응할 것이다.",
}
SECOND: Final = {
    "en": "We strongly condemn the launch of 18 December. We will respond together, in accordance with our commitment "
          "to consult.",
    "ja": "我々は12月18日の発射を強く非難する。協議するとの約束に従い、共に対応する。",
    "ko": "우리는 12월 18일의 발사를 강력히 규탄한다. 협의 공약에 따라 함께 대응할 것이다.",
}  # fmt: skip


def play_talk(apis: Apis) -> dict[str, str]:
    """Play a consultation up to where a second version is under silence; return the ids of what was opened."""
    play = Play(apis)
    source = {"kind": "own-sensor", "reliability": "B", "credibility": 2}
    threat = play.say(
        "JPN", "ThreatReported", kind="missile-launch", occurred_at=play.now() - HOUR_MS, threatened=["JPN", "KOR"],
        sources=[source], narrative=marked("JPN", en="One ballistic missile, fell east of Japan.",
                                           ja="弾道ミサイル1発、日本の東方に落下。"),
    )  # fmt: skip
    call = play.call(threats=[threat], threatened=["JPN", "KOR"])
    play.say("USA", "Acknowledged", consultation=call, role="watch-officer", officer="duty-u")
    play.say("KOR", "ConsultationConvened", consultation=call, level="advisers", medium="video",
             starts_at=play.now() + HOUR_MS)  # fmt: skip
    take = {"consultation": call, "subject": call, "confirm_by_at": 0}
    first = play.say("USA", "PositionStated", **take, position="no-instructions")
    play.say("USA", "PositionStated", **take, position="support")
    play.say("JPN", "PositionStated", **take, position="no-instructions")
    reserve = play.say("KOR", "PositionStated", **take, position="support-with-reserve")
    play.say("KOR", "PositionExplained", consultation=call, position=reserve,
             text=marked("KOR", en="But for the second sentence.", ko="둘째 문장은 유보한다."))  # fmt: skip
    text, version = play.text(call, FIRST, SECOND)
    bracketed = SECOND["en"].index("18 December")
    bracket = play.say("KOR", "PassageBracketed", text=text, version=version,
                       passages=[{"language": "en", "first": bracketed, "end": bracketed + 11}])  # fmt: skip
    play.say("JPN", "PassageWorded", text=text, bracket=bracket, wording=marked("JPN", en="this morning"))
    play.say("USA", "SilenceProposed", text=text, version=version, until_at=play.now() + 600 * SECOND_MS, notice_ms=0)
    officer = {"role": "watch-officer", "officer": "duty-k"}
    play.say("KOR", "SilenceHeld", text=text, version=version, **officer)
    patrol = play.offer("USA", call, play.terms("USA", announce_at=play.now() + 2 * HOUR_MS), "JPN")
    drill = play.offer(
        "JPN", call,
        play.terms("JPN", "exercise", hours=(6, 9), depends_on=[patrol], announce_at=play.now() + 2 * HOUR_MS + 60_000,
                   caveats=[marked("JPN", en="No live fire.", ja="実弾射撃はしない。")]), "USA",
    )  # fmt: skip
    return {"threat": threat, "call": call, "text": text, "version": version, "bracket": bracket, "patrol": patrol,
            "drill": drill, "first": first}  # fmt: skip
