"""Every number that a page may state: its register, value, cells, alternatives, history and citation."""
