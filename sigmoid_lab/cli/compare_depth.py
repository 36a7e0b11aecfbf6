def compare_depth() -> None:
    """x."""
