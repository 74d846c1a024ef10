"""What is measured of the code, one kind of measure in a file."""
