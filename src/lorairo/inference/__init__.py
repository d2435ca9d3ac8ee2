"""Running models over images: which there are, where their files are, batches, memory, what is written down."""
