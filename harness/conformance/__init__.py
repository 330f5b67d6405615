"""From recorded outcomes to verdicts: the catalogue, the record, the judge."""
