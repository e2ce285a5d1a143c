"""Browser components: each has a Python wrapper, a frontend in JavaScript and, where needed, its protocol."""
