"""Where fitted numbers come from: one script per model, run again by `python -m scripts.fit.NAME`."""
