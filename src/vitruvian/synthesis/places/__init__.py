"""Where people are, and what stands around."""
