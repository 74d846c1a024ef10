"""A network that goes on adapting while it predicts a stream, one file each; without labels, off unless asked for."""
