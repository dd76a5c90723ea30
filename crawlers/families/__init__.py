"""What several marketplaces share: finding embedded state, reading structured data, cleaning texts."""
