"""The service: events in over HTTP, evaluation as windows close, pages and an interface out."""
