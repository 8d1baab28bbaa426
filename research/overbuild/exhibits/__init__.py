"""The figures, tables and quoted numbers of the paper, one module for each."""
