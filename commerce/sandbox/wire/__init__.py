"""How bytes become calls and objects become bytes: forms, shapes, errors, lists, expansion, keys, origins."""
