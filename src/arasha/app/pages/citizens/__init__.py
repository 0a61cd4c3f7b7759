"""The citizens' pages: no account, first on a phone, all of it without JavaScript."""

from __future__ import annotations

from typing import Final

from litestar.types import ControllerRouterHandler

from arasha.app.pages.citizens import home

ROUTES: Final[list[ControllerRouterHandler]] = [*home.ROUTES]
