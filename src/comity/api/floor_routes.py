"""The paths of the API that the watch floor reads; what each shows is in a module of its own."""

from litestar.handlers import HTTPRouteHandler

from comity.api.after_actions import make_adoptions
from comity.api.alarm_view import make_alarm_routes
from comity.api.desk import Desk
from comity.api.drafting import make_drafting
from comity.api.exercise_report import make_exercise_reports
from comity.api.exercises import make_exercises
from comity.api.handover import make_handover
from comity.api.hotline import make_hotline
from comity.api.meetings import make_meetings
from comity.api.plans import make_plans
from comity.api.role_play import make_role_play
from comity.api.sync_matrix import make_matrix

__all__ = ["make_floor"]


def make_floor(desk: Desk) -> list[HTTPRouteHandler]:
    """Return them all."""
    return [
        *make_alarm_routes(desk),
        *make_hotline(desk),
        *make_drafting(desk),
        *make_matrix(desk),
        *make_plans(desk),
        *make_meetings(desk),
        *make_handover(desk),
        *make_exercises(desk),
        *make_adoptions(desk),
        *make_role_play(desk),
        *make_exercise_reports(desk),
    ]
