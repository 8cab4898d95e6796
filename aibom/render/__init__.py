"""A report as text for people or programs: one file for each output, no judgement in any."""
