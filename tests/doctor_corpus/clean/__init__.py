"""Models without a fault, by theme."""
