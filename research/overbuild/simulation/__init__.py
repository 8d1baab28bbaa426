"""The inside view: one quarterly recursion over what models, games and contracts hand on."""
