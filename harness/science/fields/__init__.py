"""The fields of science, a folder each (`harness.science.field`)."""
