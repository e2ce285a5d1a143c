"""The class of each image: from folders, or from a table of labels."""
