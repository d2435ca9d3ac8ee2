"""Running models over images: which there are, where their files are, batches, what is written down."""
