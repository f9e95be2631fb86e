"""Typed definitions of the company's own fields: what they are called, what may stand in them, who sees them."""
