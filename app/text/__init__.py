"""Sentences about results as Markdown, names of settings, and worked formulas. It does not import Streamlit."""
