"""The product's settings and the migration linter, which only `make check` needs."""

from config.settings import *  # noqa: F403
from config.settings.base import INSTALLED_APPS as _PRODUCT

INSTALLED_APPS = [*_PRODUCT, "django_migration_linter"]
