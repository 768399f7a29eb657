### Graph pane.
