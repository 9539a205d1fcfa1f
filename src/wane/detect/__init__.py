"""Detection: series of measurements in, broken rules out. Learned thresholds will live here too."""
