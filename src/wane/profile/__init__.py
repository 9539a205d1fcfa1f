"""Profiles: small mergeable summaries of the rows of one window and segment."""
