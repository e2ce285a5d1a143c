"""Training of the encoder and of the painters. The modules import torch; import them inside functions."""
