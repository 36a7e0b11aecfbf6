"""``python -m sigmoid_lab`` is ``sigmoid-lab``."""

from sigmoid_lab.cli import main

if __name__ == "__main__":
    main()
