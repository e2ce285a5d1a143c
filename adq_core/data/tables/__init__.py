"""Tables with vectors, images or labels: text files and Parquet files, read with limits."""
