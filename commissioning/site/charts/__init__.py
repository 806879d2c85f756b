"""Charts: Altair for the briefs, SVG written straight for pages made by the hundred."""
