"""What is visited: searches, listings, sellers."""
