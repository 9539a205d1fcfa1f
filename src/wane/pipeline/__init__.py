"""The pipeline: the one room that knows every other."""
