"""Data sets as numpy arrays: one seed, one set of arrays."""
