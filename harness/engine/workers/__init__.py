"""How tests are run: `protocol` states the interface; `forked` runs them in forks of this process."""
