"""The front door: command line, URLs, Celery app, screens that show several rooms."""
