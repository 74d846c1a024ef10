"""What the benchmark of the monitor's alarms is made of: rows of real sets, planted changes, models with references."""
