"""Proven: what others need to test their own policies and logs with."""
