"""Skin, hair, clothes and what else is worn."""
