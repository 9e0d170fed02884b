"""What is remembered: the states of the graphs, the run context, the database, the checkpointer."""
