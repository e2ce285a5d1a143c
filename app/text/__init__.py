"""Sentences about results. No Streamlit in here."""
