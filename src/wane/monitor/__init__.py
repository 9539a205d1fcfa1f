"""The monitor: what a model in use calls. It hands over predictions and never gets in the way."""
