"""Runs generated code in throw-away containers, and nowhere else."""
