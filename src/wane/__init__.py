"""wane: see a model's performance wane before its users do."""
