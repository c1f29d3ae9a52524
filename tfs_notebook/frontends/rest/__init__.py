"""REST: TF Serving's API under /v1, health under /v2."""
