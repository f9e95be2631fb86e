"""What people may type per language, before Django's own list. Dates: ISO 8601 first.

The first format is also how Django writes a date into a form, and the browser's date fields know no other.
English and Swedish begin with it anyway.
"""
