"""gRPC: PredictionService, ModelService, GRPCInferenceService, and their health."""
