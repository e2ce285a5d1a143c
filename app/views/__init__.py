"""The pages: one script per page, `NAME.py`, or a package with the script `NAME/NAME.py` and its helpers."""
