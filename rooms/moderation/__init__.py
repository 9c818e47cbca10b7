"""Words, mutes, bans, slow mode."""
