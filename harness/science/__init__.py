"""Use cases of science: what scientists of each field compute at the other side, and how it is checked."""
