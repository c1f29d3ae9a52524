"""Metrics as Prometheus reads them: TensorFlow Serving's own, and more."""
