"""Image sheets and single images as HTML. No Streamlit in here."""
