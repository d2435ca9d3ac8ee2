"""Bring images into a project, with the texts that lie beside them."""
