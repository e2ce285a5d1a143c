"""Long work beside the page: jobs, progress bars, trainings."""
