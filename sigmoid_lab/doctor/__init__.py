"""What a user's own model, loss and batch do, and what is wrong with it."""
