"""A run in parts over many machines: Dask hands the parts to workers, and they are judged as one run."""
