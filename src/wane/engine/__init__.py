"""Engines: who maps rows to profiles and adds them up."""
