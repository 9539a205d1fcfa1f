"""Checks that name a fault of the pipeline: each looks at both sides, and says what it saw."""
