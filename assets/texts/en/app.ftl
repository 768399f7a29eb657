### Frame of the window: menus, header, status bar, messages.
