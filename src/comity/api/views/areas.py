"""Areas at risk by public telegrams, as the API shows them."""

from typing import Annotated, TypedDict

from comity.api.views.basic import At, Id, one_of
from comity.exchange.areas_at_risk import Grade
from comity.exchange.cap import Status

__all__ = ["AreaAtRiskShown"]


class AreaAtRiskShown(TypedDict):
    """One region at risk; instants are 0 where none is given. Outlines of the agency's regions do not ship."""

    event: str
    code: str
    name: str
    grade: Annotated[str, one_of(Grade)]
    grade_name: str
    height: str
    arrives_at: At
    arrival: str
    reported_at: At
    valid_until_at: At
    status: Annotated[str, one_of(Status)]
    item: Id
    geometry: None
