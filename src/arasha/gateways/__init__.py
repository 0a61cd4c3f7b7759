"""Gateways and straw SIMs: which numbers of an operator's log look like the tools of fraud.

In: the facts of calls and of SIM cards, as they are kept. Out: groups of numbers with what was seen
of each. It judges no call and acts on nobody: a person looks at what it finds (cases/numbers.py).
"""
