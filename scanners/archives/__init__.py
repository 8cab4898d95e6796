"""What the archive formats share: member names, zip structures, compressed runs."""
