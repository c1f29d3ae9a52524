"""How fast, how big: figures as JSON lines. ``python -m benchmarks [NAME ...]``."""
