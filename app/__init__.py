"""The app: Streamlit pages over `adq_core`."""
