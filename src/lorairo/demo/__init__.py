"""A demo project out of nothing: pictures drawn on the spot, and a small tagger that names what it sees in them."""
