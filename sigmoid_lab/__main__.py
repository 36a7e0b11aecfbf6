"""The command line's door: ``sigmoid-lab``, and ``python -m sigmoid_lab``."""

import sys


def main() -> None:
    """Run the command line and exit with the contract's code, also when interrupted while it loads."""
    try:
        from sigmoid_lab.cli import run

        run()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
