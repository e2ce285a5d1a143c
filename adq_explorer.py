"""ADQ Explorer: the module that has the name of the project.

Streamlit looks for the list of packaged components in the `pyproject.toml` beside this module, see
`app/components/packaged.py`. The library is `adq_core`, the app is `app`.
"""
