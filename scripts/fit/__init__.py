"""Makes the fitted numbers of the matchers again, one file per model."""
