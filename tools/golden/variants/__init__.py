"""Image files for `image_variants.py`, a module for each format."""
