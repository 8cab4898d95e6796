"""Stand for the heavy libraries that few scans need."""
