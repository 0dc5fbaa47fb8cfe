"""How fast Vitruvian is, beside slow obvious versions and physical limits. See README.md."""
