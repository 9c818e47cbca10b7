"""The media plane: publishers come in, their encoded packets go out to viewers. Plain asyncio; knows no Django."""
