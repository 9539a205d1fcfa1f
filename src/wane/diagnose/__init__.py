"""Diagnosis: what changed, where, and the verdict in one sentence."""
