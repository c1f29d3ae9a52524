"""The data plane: one model server behind every door."""
