"""What to find out, one file a command: what to plan, and what the results mean."""
