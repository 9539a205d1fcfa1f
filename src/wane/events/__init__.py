"""Events as they come in: predictions and labels, decoded and checked row by row."""
