"""From evidence to a number: base rates, forecasts, their combination, scores and sensitivity."""
