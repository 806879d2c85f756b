"""Council and health ledgers: any "spend over" file to canonical payments, the lake, and its snapshot.

`reader.read` turns one file into payments and an accounting of every line and penny. `lake` keeps the
payments of every body on this machine. `aggregate` makes the committed tables, which name no supplier.
What is peculiar to a body is in `<body>.yml`; which headings mean what is in `aliases.yml`; who is a person
and who is an organisation is in `payees.yml`.
"""
