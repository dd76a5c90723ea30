"""Fits the numbers the matchers ship with; one file per model. Reads ``JIKIMI_BENCH_DATA``, writes into `matchers`."""
