"""Models that others run: asking them about pictures within their limits, what it costs, what they refuse."""
