"""What methods share that train the network for another domain: losses as pure functions, and the form of a step."""
