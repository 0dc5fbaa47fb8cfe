"""From surfaces and light to pixels."""
