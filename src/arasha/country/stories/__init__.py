"""Frauds, each in a module of its own with its source (script.py)."""
