"""Arasha: an open anti-fraud centre. See ARCHITECTURE.md for the life of a payment."""

__version__ = "0.1.0"
