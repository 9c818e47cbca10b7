"""Django finds admin classes by this module: re-exports only."""

from merchants.dashboard import admin

__all__ = ["admin"]
