"""Asking customers one question, and taking their answers."""
