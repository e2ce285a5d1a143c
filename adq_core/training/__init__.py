"""Training of the encoder and of the painters; imports torch, so it is itself imported inside functions only."""
