"""Plotly figures. No Streamlit in here."""
