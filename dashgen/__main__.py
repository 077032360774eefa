"""The command `dashgen`, and `python -m dashgen`."""

import gc


def main() -> None:
    """Starts the command line. What is imported on the way stays until the end, so no collection looks at it: not while
    it is made, not at the end, and not in the child that loads the specs, where a look would copy its pages."""
    gc.disable()
    from dashgen.cli import main as run

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
