"""Listings, captures, sellers, intake, search index."""
