"""Python side of the widgets: traits, handlers, the wire. The look lives in ``widgets/`` (TypeScript)."""
