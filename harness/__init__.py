"""The interoperability testbed: inventory -> provision -> run -> judge -> report -> publish."""
