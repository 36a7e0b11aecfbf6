"""What is known before anything is measured; numpy at most."""
