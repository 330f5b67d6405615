"""Structural biology: how two proteins bind, docked by HADDOCK as users of WeNMR do."""
