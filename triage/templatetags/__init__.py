"""Template tags of the triage room."""
