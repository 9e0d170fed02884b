"""The roles and steps of the graphs, one per file. Each takes a state and gives back what changed in it."""
