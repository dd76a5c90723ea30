"""Marketplaces on loopback: demo, end-to-end and fault tests. Knows the truth; knows no detector."""
