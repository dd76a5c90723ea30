"""A room that only listens: what both engines must deliver to."""
