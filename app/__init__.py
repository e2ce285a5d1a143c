"""The app in the browser: `streamlit run app/main.py`."""
