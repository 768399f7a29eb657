### Forms shared by all panes.

# A share of something, such as clear pixels: “98 %”. The space does not break.
percent-form = { $number }{"\u00A0"}%
