"""What is honest and looks like a fraud, each in a module of its own (script.py)."""
