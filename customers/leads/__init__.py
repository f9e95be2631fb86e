"""What is done with leads: opening, pursuing, converting; and the list of them."""
