"""Contract notices of the UK portals, in the Open Contracting Data Standard, and councils' registers.

`packages` finds the releases in a file, `ocds` checks one and keeps what is needed of it, `merging` makes one
record of all releases of a process, `registers` reads a council's own list, `reader` does all that for files
and accounts for them, `fetch` asks the portals.
"""
