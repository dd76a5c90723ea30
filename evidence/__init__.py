"""Content-addressed write-once store, WARC, guarded fetching."""
