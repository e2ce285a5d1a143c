"""Galleries and single images as HTML. This package does not import Streamlit."""
