"""The Celery app: the distributed engine behind the outbox.

``celery -A jikimi.celery worker`` delivers, ``celery -A jikimi.celery beat`` (one of them) says when.
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

app = Celery("jikimi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
RUN_DUE_SECONDS = 60.0
app.conf.beat_schedule = {
    "run what is due": {
        "task": "listings.run_due",
        "schedule": RUN_DUE_SECONDS,
        "options": {"expires": RUN_DUE_SECONDS},
    },
    "drain the outbox": {
        "task": "accounts.drain_outbox",
        "schedule": settings.OUTBOX_POLL_SECONDS,
        # A call nobody got to in time is superseded by the next: they must not pile up while no worker runs.
        "options": {"expires": max(settings.OUTBOX_POLL_SECONDS * 2, 5)},
    },
}
