"""What kind of shift lies between two domains, how strong it is, and what carries it."""
