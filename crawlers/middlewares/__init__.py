"""How requests are kept polite and within bounds."""
