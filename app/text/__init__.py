"""Sentences about results, as Markdown. This package does not import Streamlit."""
