"""What shoppers do together: danmaku, comments, likes."""
