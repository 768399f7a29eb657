### Names of actions in menus, tooltips and the command palette.
