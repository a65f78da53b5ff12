"""Requests for information and spillages over the API: views; what is said of either is a statement as any other."""

from litestar import get
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.form import format_statement, simplify
from comity.api.views.floor import InquiryShown
from comity.api.views.record import Spillage
from comity.base.instants import Instant
from comity.machine.machine import Machine
from comity.procedure.inquiry import OF_INQUIRIES, fold_inquiries
from comity.procedure.spillage import ENTRIES, fold_spillages

__all__ = ["make_inquiries"]


def make_inquiries(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the views."""

    @get("/v1/inquiries", summary="Who asks for which information by when, and what was answered, judged now")
    async def inquiries() -> list[InquiryShown]:
        return list_inquiries(desk.node.machine, desk.node.now())

    @get("/v1/spillages", summary="What was lost or compromised or may be, and what came of it")
    async def spillages() -> list[Spillage]:
        rows = fold_spillages(desk.node.machine.statements.find(*ENTRIES))
        return [
            {"id": row.report.id.hex(), "report": format_statement(row.report),
             "concluded": None if row.concluded is None else format_statement(row.concluded)}
            for row in rows
        ]  # fmt: skip

    return [inquiries, spillages]


def list_inquiries(machine: Machine, now: Instant) -> list[InquiryShown]:
    """Return every request for information; of another's request our own cell alone."""
    rows = fold_inquiries(machine.statements.find(*OF_INQUIRIES), as_of=now, viewer=machine.party)
    return [
        {"id": row.request.id.hex(), "request": format_statement(row.request), "is_closed": row.is_closed,
         "cells": simplify(row.cells)}
        for row in rows
    ]  # fmt: skip
