"""Finding registered logos inside photos."""
