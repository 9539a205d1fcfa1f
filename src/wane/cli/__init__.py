"""The command line: the same words as the library, one file per command."""

from wane.cli.start import main

__all__ = ["main"]
