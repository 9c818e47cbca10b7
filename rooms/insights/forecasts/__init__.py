"""What the next show of a room will bring at each of its cards, with how far off such forecasts have been."""
