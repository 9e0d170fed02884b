"""Chat models: one door, whichever answers."""
