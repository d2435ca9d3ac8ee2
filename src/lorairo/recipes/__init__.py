"""Recipes: the log of a project as Python that can be run on the same images elsewhere."""
