"""The pages of the drama floor: the season and its episodes in the office, and the season player of the shop."""
