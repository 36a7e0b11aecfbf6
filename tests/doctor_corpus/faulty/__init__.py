"""One file a rule: variants of its fault, and their mended twins."""
