"""Activations and losses on tensors, each under the name that people type."""
