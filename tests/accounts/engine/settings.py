"""The product's own settings with the listening room added; JIKIMI_HOME is given by the test."""

import os

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.accounts.engine"]  # noqa: F405
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("ENGINE_QUEUE", "celery")
