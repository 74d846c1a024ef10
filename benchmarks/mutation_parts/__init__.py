"""Which rooms are mutated, how a room is run, and what is read of the run."""
