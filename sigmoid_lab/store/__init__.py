"""Run directories: created whole, filled stack by stack, listed, read, exported, deleted."""
