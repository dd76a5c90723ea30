"""Settings, and what operators edit: marketplaces, duty profiles, lexicons."""
