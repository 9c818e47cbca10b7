"""What shoppers and hosts open: lobby, room, replay, season, console. Reads only; the stories live in the slices below."""
