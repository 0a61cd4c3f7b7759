"""The citizens' pages: no account, first on a phone, all of it without JavaScript."""

from __future__ import annotations

from typing import Final

from litestar.types import ControllerRouterHandler

from arasha.app.pages.citizens import about, answer, appeal, check, figures, follow, home, report

ROUTES: Final[list[ControllerRouterHandler]] = [
    route
    for page in (home, report, follow, appeal, answer, check, figures, about)
    for route in page.ROUTES
]
