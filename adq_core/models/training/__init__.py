"""Training of the encoder and of the inpainting networks. The modules import torch: import them inside functions."""
