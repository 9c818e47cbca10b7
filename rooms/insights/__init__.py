"""What viewers do, counted; and what follows from it: experiments and their verdicts."""
