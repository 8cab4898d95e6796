"""What a model's documents say of its weights, and what the weights hold."""
