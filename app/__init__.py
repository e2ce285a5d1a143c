"""The Streamlit app: widgets to settings, records to pictures. All computing is in `adq_core`."""
