"""Ways to train a network for another domain, one file each; what an adapter of frozen features cannot reach."""
