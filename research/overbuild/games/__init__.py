"""Why each firm builds because its rivals do: games as pure functions of pay-offs."""
