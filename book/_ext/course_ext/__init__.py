"""Small Sphinx extensions of this book, one subject a file; `_config.yml` lists them under `local_extensions`."""
