def train() -> None:
    """x."""
