"""What people do with their bodies, hands and faces."""
