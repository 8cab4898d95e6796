"""Programs that check this repository or build the data it ships; no part of what is installed."""
