"""Models that give pictures numbers: aesthetics, ratings, embeddings. One module per family."""
