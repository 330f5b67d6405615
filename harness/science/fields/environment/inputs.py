"""The casts that the scientist has at home."""

from harness.science.field import Files
from harness.science.fields.environment.tables import DATA


def make() -> Files:
    """Return the casts as a table."""
    return {"casts.csv": (DATA / "casts.csv").read_bytes()}
