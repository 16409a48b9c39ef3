"""Where the project's own files are: in the checkout if there is one, else inside the package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent.parent


def _place(in_checkout: str, in_package: str) -> Path:
    """Return the folder *in_checkout* if this is a checkout, else the wheel's copy of it."""
    if (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / in_checkout).is_dir():
        return _CHECKOUT / in_checkout
    return _PACKAGE / in_package


def shelf() -> Path:
    """Return the folder of the datasets that come with regesta."""
    return _place("datasets", "shelf")


def vocabularies() -> Path:
    """Return the folder of the code lists."""
    return shelf() / "vocabularies"


def migrations() -> Path:
    """Return the folder of the Alembic migrations."""
    return _place("alembic", "migrations")


def cache() -> Path:
    """Return the folder of what was fetched: `REGESTA_CACHE`, or where the system keeps such."""
    if told := os.environ.get("REGESTA_CACHE"):
        return Path(told)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "regesta" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "regesta"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "regesta"
