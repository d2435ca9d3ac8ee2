"""Models that say something about pictures: tags, captions, ratings. One module per family."""
