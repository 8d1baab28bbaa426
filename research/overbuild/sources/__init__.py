"""Files and public services read into tidy tables; nothing is modelled here."""
