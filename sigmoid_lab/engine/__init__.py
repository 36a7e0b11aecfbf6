"""Stacks of networks: built, initialised, trained and measured together. Tensors live here and nowhere else."""
