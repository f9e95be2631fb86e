"""Files of customers and facts: read as they are, shown, mapped, tried, then taken in by chunks."""
