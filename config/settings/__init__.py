"""Settings, one topic a file; `env.py` alone reads the environment."""

from config.settings.base import *  # noqa: F403  settings are read from this module's namespace
from config.settings.celery import *  # noqa: F403
from config.settings.channels import *  # noqa: F403
from config.settings.media import *  # noqa: F403
from config.settings.office import *  # noqa: F403
from config.settings.payments import *  # noqa: F403
from config.settings.product import *  # noqa: F403
from config.settings.sentry import *  # noqa: F403
from config.settings.tenants import *  # noqa: F403
