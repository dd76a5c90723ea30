"""One module per marketplace, over a few shared families."""
