"""Ways to a head for another domain, one file each, on features that were computed once."""
