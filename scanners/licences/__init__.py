"""Licences: what an id means, which licence a text is, what a licence asks, what a policy allows.

Nothing here is legal advice: it says what stands in the files and in the table.
"""
