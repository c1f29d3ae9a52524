"""The contract with clients: messages, tensors, JSON and errors."""
