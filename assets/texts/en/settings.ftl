### Settings, shortcuts, own indices.
