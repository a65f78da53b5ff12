"""The message catalogue: everything a person reads, in English, Japanese and Korean.

English text is the message id. Translations are gettext PO files beside this module, read with Babel; fields in braces
are filled after translating. What has no translation is shown in English rather than not at all; a test refuses that.
"""

import functools
import os
from collections.abc import Mapping
from contextvars import ContextVar
from importlib.resources import files
from typing import Final

from babel.messages.pofile import read_po

__all__ = ["LANGUAGES", "LANGUAGE_NAMES", "choose_language", "choose_text", "get_language", "say", "say_in", "speak_in"]

LANGUAGES: Final = ("en", "ja", "ko")
LANGUAGE_NAMES: Final = {"en": "English", "ja": "日本語", "ko": "한국어"}
"""What each is called in itself."""
LANGUAGE_VARIABLE: Final = "COMITY_LANG"

_chosen: str = ""
_spoken: ContextVar[str] = ContextVar("_spoken", default="")
"""The language of this request, where its reader chose one."""


def choose_language(language: str) -> None:
    """Set the language of this process; anything that is not one of ours is English."""
    global _chosen
    _chosen = language if language in LANGUAGES else "en"


def speak_in(language: str) -> None:
    """Set the language of this request alone, past that of the process; anything that is not one of ours is English."""
    _spoken.set(language if language in LANGUAGES else "en")


def get_language() -> str:
    """Return the language of the request, else the one chosen, or that of the environment: COMITY_LANG, else LANG."""
    if _spoken.get():
        return _spoken.get()
    if _chosen:
        return _chosen
    wished = os.environ.get(LANGUAGE_VARIABLE) or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return wished[:2] if wished[:2] in LANGUAGES else "en"


def choose_text(texts: Mapping[str, str]) -> str:
    """Return what people wrote, in the reader's language, else in English, else in the first that it has."""
    return texts.get(get_language()) or texts.get("en") or next(iter(texts.values()), "")


def say(message: str, /, **fields: object) -> str:
    """Translate a message and fill its fields. A field that is missing stays visible as `{name}`."""
    text = _read(get_language()).get(message, message)
    return text.format_map(_Fields(fields)) if "{" in text else text


def say_in(language: str, message: str, /) -> str:
    """Translate a message into a language, whatever was chosen; English where there is none of ours."""
    return _read(language if language in LANGUAGES else "en").get(message, message)


class _Fields(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


@functools.cache
def _read(language: str) -> Mapping[str, str]:
    if language == "en":
        return {}
    source = files("comity.api") / "locale" / f"{language}.po"
    with source.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(row.id): str(row.string) for row in catalogue if row.id and row.string}
