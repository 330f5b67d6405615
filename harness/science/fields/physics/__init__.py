"""High energy physics: the charged particles of a decaying Z boson."""
