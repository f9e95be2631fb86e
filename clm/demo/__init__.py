"""A made-up company to try CLM with: Bønne & Blad, coffee and tea from Copenhagen.

Seeded: the same seed, size and last day make the same company. `company.make` makes it in plain Python, `loading`
brings it in through the doors that files and programs use, `removing` takes it out again.
"""

SOURCE = "demo"
SEED = 7
CUSTOMERS = 5_000
DAYS = 730
