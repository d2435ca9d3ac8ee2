"""Finding pictures that show the same: which hashes lie near each other, which of those truly are alike."""
