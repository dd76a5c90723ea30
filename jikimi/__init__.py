"""The front door: command line, URLs, Celery app, screens that show several rooms."""

import os

# Matrices here are small: OpenBLAS's threads wait for each other longer than they compute. Matching 256 listings took
# 10 s with one thread and 50 s with two on a busy machine of two cores (2026-11-23). Set before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
