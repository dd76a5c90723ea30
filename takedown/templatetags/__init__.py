"""Wording of values in the takedown room's templates."""
