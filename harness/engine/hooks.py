"""The hook that the harness adds to pytest's."""


def pytest_testbed_tick() -> None:
    """Look at the clock: called in the pool's process at least once a second while tests run.

    That process has one thread, for it forks; what moves with time, such as a display, moves here.
    """
