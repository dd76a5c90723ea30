"""A sample registry of invented brands, and the script that draws its pictures."""
