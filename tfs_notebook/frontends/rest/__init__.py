"""REST: TF Serving's API under /v1, the Open Inference Protocol under /v2."""
