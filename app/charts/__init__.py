"""Plotly figures as plain dicts. This package does not import Streamlit."""
