"""Plain types that pass between the rooms, and the loaders that check what operators edit in ``config/``."""
