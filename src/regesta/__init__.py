"""regesta: an event-sourced register of diplomatic events.

>>> import regesta
>>> rd = regesta.load("russia-dprk")  # doctest: +SKIP
>>> rd.timeline()  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regesta.flows.loading import load
    from regesta.release.load import Dataset, datasets

__version__ = "0.2.0"
__all__ = ["Dataset", "__version__", "datasets", "load"]

_LAZY = {
    "Dataset": "regesta.release.load",
    "datasets": "regesta.release.load",
    "load": "regesta.flows.loading",
}


def __dir__() -> list[str]:
    """Return what regesta offers, loaded or not."""
    return sorted(__all__)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    """Import pandas and its kin only when somebody loads something."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
