"""Reads the output of failed runs: what pytest and Python print becomes structured evidence."""
