"""The zip file that the Export page offers for download."""
