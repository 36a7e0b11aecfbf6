"""What was measured, as plain frozen facts: floats, strings and tuples; units stand in the names."""
