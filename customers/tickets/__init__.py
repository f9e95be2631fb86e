"""Tickets: what customers asked for, and how it is handled until it is solved."""
