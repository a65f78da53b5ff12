"""What is fact and what is invented in the case.

The launch is a fact: CNS North Korea Missile Test Database (James Martin Center for Nonproliferation Studies, for the
Nuclear Threat Initiative), by way of github nagix/nk-missile-tests (Apache-2.0). That the three parties' advisers spoke
by telephone on 18 December under the commitment is on the public record (`comity account`). Every word that the parties
say here is invented, and says so: *played, not history*.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.instants import Instant, parse_instant

__all__ = ["FIRST_VERSION", "LAUNCH", "REPORTS", "SECOND_VERSION", "Launch", "watermark"]


@dataclass(frozen=True, slots=True)
class Launch:
    """One row of the launch table, as far as the case needs it."""

    missile: str
    at: Instant
    site: str
    apogee_km: int
    distance_km: int
    bearing_deg: int


LAUNCH: Final = Launch("Hwasong-18", parse_instant("2023-12-17T23:24Z"), "Samsok", 6518, 1002, 61)

WATERMARK: Final[Mapping[str, str]] = {
    "en": "[PLAYED, NOT HISTORY]",
    "ja": "[演習上の発言であり史実ではない]",
    "ko": "[훈련상의 발언이며 사실이 아님]",
}

REPORTS: Final[Mapping[str, Mapping[str, str]]] = {
    "USA": {"en": "Launch detected from Samsok, lofted, toward the east."},
    "JPN": {"ja": "三石付近から弾道ミサイルの発射を探知。東方向、高い軌道。"},
    "KOR": {"ko": "삼석 일대에서 탄도미사일 발사를 탐지함. 동쪽 방향, 고각 발사."},
}
"""What each capital reports, in its own language."""

FIRST_VERSION: Final[Mapping[str, str]] = {
    "en": "The three parties consulted at once on the launch and will respond together.",
    "ja": "三者は発射について直ちに協議し、共に対応する。",
    "ko": "세 당사자는 발사에 관하여 즉시 협의하였으며 함께 대응한다.",
}
SECOND_VERSION: Final[Mapping[str, str]] = {
    "en": "The three parties consulted at once on the launch. Each acts in its own right; their responses are matched.",
    "ja": "三者は発射について直ちに協議した。各者は自らの権利に基づいて行動し、その対応は相互に調整される。",
    "ko": "세 당사자는 발사에 관하여 즉시 협의하였다. 각 당사자는 자신의 권리로 행동하며 대응은 서로 조율된다.",
}


def watermark(language: str, text: str) -> str:
    """Return an invented text as it may be stated: marked as played in its own language."""
    return f"{WATERMARK[language]} {text}"
