"""What the fuzzer feeds, and what must hold for whatever it feeds."""
