### Calendar pane and chips.
