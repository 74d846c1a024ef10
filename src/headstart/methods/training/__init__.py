"""What train methods share: settings, a default of every moment, losses."""
