"""gRPC: PredictionService and ModelService, and the health of both."""
