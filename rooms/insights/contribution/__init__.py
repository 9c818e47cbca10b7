"""What seasons cost and what they leave."""
