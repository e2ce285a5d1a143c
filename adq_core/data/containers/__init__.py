"""Files that hold image files or arrays: zip, tar, WebDataset, Parquet and NumPy files."""
