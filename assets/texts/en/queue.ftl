### Queue of parcels and filter.
