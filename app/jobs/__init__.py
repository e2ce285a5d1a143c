"""Long computations in background threads, with their progress bars."""
