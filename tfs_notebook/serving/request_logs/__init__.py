"""Requests that are kept, for warm-ups, replays and comparisons."""
