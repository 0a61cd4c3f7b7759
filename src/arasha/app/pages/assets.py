"""Style sheets, scripts and pictures: in memory, small, each under a name that its content makes.

In: the files of ``assets/``. Out: ``/static/pages.1f2e3d4c.css``, which a browser may keep for
ever, because another content has another name; gzipped for whoever takes that.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Final

PREFIX: Final = "/static/"

MEDIA: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What is served; other files of the folder, such as licences, are not."""

_HASH_CHARS: Final = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    address: str
    media: str
    plain: bytes
    gzipped: bytes


@lru_cache(1)
def assets() -> Mapping[str, Asset]:
    """Every asset by its own name, such as ``pages.css``."""
    found = {}
    for one in (files("arasha.app.pages") / "assets").iterdir():
        media = MEDIA.get(PurePosixPath(one.name).suffix)
        if media is not None:
            found[one.name] = _asset(one.name, media, one.read_bytes())
    return found


def address_of(name: str) -> str:
    """Where an asset is. Raises KeyError where there is none of that name."""
    return assets()[name].address


@lru_cache(1)
def by_address() -> Mapping[str, Asset]:
    """Every asset by its address."""
    return {one.address: one for one in assets().values()}


def _asset(name: str, media: str, plain: bytes) -> Asset:
    path = PurePosixPath(name)
    digest = hashlib.sha256(plain).hexdigest()[:_HASH_CHARS]
    address = f"{PREFIX}{path.stem}.{digest}{path.suffix}"
    return Asset(address, media, plain, gzip.compress(plain, 9, mtime=0))
