"""Segments at work: made and changed, nested, filled by hand, and computed from their conditions."""
