"""Ways to tell without target labels how good a head is in another domain, one file each."""
