"""What becomes of a run into which trouble comes: faults and ends in mid-run, on real containers."""
