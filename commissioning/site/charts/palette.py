"""Colours and type of every chart: Okabe and Ito's colours, darkened where white paper asks for it.

What surrounds a chart has its colours from `reports/_theme/`: `brief.css` on the screen, `typst-template.typ`
and `profile.typ` on paper. A test holds ink, muted and accent equal in all.
"""

from __future__ import annotations

# Liberation Sans travels inside vl-convert, which measures and draws with it whatever the machine has; a
# browser takes whichever it has of these, all as wide.
FONT = "Liberation Sans, Arial, Arimo, Helvetica, sans-serif"
INK, MUTED = "#1b1f24", "#535d68"
GRID, AXIS = "#d5dae0", "#8a939d"
BLUE, VERMILION, GREEN, PURPLE = "#0072b2", "#c04f00", "#00805c", "#b35289"
PALETTE = [BLUE, VERMILION, GREEN, PURPLE, "#3a96cf", "#e69f00", INK, "#f0e442"]
"""Groups in a chart take these in turn, told apart with every common form of colour blindness. The first four
are darkened so that words in them can be read on white, the fifth so that marks can be seen."""
