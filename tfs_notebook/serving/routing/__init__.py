"""Which version answers: weights, copies for a second version, and rollouts step by step."""
