### Locator map.
