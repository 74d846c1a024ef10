"""What ``serving_fuzz.py`` lets loose on the decoders of a server: seeds, decoders, the process that runs them."""
