"""What holds for all tests."""

from __future__ import annotations

import signal

# Who starts the tests in the background or by nohup has these ignored, and so would every command that a
# test starts, and then wait for ever that it heeds one.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
