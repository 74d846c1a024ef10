"""Ways of saying which units of an input an answer rests on; one file each, see ``explanation.question``."""
