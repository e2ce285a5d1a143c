"""The pages: one script each, or a package with the helpers of its page."""
