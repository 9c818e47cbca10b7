"""The office's frame: admin sites, navigation, home."""
