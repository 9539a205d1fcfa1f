"""Metrics: profiles in, measurements out. Never draws, never reads rows."""
