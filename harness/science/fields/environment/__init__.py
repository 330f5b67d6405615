"""Environmental science: the thermodynamics of seawater (TEOS-10)."""
