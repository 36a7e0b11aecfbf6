"""From YAML text to a validated experiment, or to every fault of the text at once."""
