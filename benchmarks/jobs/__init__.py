"""Real jobs: data sets that people have, one command each, one page each with its result."""
