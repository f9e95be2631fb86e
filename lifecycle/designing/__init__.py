"""Designing a model: what a version says as one value, changed by plain functions and written into the draft."""
