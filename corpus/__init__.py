"""Answers of coders that cheat, that are hostile, and that are honest, each run through the real layers.

`python -m corpus` prints a table of them; `make corpus` sets everything up first.
"""
