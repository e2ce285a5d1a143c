"""The pages: one script per page, or a package with the helpers of the page."""
