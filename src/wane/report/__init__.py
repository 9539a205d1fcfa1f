"""Report: pure views of a result, as HTML, SVG, text, JSON and tables. Never computes."""
