"""What is remembered between runs: one Protocol, several backends."""
