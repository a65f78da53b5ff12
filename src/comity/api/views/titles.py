"""What the pact calls what statements name by an id, as the API shows it."""

from typing import Annotated, TypedDict

from comity.api.views.basic import one_of
from comity.api.views.release import Titles
from comity.pact.titles import Titled

__all__ = ["TitleShown"]


class TitleShown(TypedDict):
    """The title of a role, a channel, a commitment, a level or what else has one. Ids are unique within a kind."""

    kind: Annotated[str, one_of(Titled)]
    id: str
    title: Titles
