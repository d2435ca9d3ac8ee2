"""Models that say something about pictures: which there are, where their files are, and running them."""
