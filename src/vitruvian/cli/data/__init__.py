"""`vitruvian data`: looking at data sets, converting, splitting, drawing and examining them."""
