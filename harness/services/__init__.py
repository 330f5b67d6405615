"""The kinds of service that scenarios use: a folder each."""
