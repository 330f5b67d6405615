"""`python -m harness.cli`: the command `testbed` of this interpreter, wherever it stands."""

from harness.cli import main

main()
