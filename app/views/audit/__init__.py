"""Audit a selection: `audit.py` is the script, `choose.py` finds the list, `probe.py` tests it."""
