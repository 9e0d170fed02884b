"""Whether a plan that validates is a good one: `shell` and `programs` read its commands, `makers` knows who makes what.

`commands` judges one command, `template` the steps of a strategy, `faults` the whole plan.
"""
