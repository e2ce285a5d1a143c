"""Work in the background: jobs and their progress bars."""
