"""What stands before and after a model: raw input to tensors, scores to labels, as data."""
