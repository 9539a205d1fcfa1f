"""Alerts: detections that lasted long enough to tell somebody."""
