### Tune workspace: rulesets, their numbers, what a change does.

# Strip
tune-baseline-word = baseline
tune-compared-with = compared with
tune-draft = draft
tune-draft-of = draft of { $name }
tune-same = no difference
tune-undo = Undo
tune-redo = Redo
tune-undo-tip = Undo: { $step }
tune-redo-tip = Redo: { $step }
tune-undone = Undone: { $step }
tune-redone = Made again: { $step }
tune-nothing-to-undo = There is nothing to undo or redo.
tune-ruleset = Ruleset
tune-compare-with = Compare with
tune-compare-text = Compare text
tune-export = Export ruleset
tune-export-hint = Writes the draft to a file, which becomes the project’s ruleset
tune-step = { $name } { $from } → { $to }

# Parameters
tune-changes = { $n } changed
tune-reset-all = Reset all
tune-reset = Reset { $name }
tune-filter = Filter parameters
tune-base = All crops
tune-kind-rules = rules
tune-kind-features = feature
tune-kind-markers = marker
tune-kind-composites = composite
tune-kind-practices = practice
tune-kind-signals = signal
tune-section = { $owner }, { $kind }
tune-row = Parameter { $name }
tune-slider = { $name }, slider
tune-on-release = on release
tune-release-hint = Parameters marked “on release” compute the features of all parcels again.
tune-release-hint-secs = Parameters marked “on release” compute features again: about { $secs } s for { $n ->
    [one] { $n } parcel
   *[other] { $n } parcels
  }.
tune-tick-hint = The black tick marks the baseline value.
tune-field-min_depth = Smallest depth
tune-field-min_drop = Smallest drop
tune-field-threshold = Threshold
tune-field-min_duration_days = Shortest duration
tune-field-longer_than_days = Longer than
tune-field-max_gap_days = Longest gap
tune-field-overlap_days = Days in common
tune-field-separation_days = Days apart
tune-field-max_days = Most days
tune-field-half_window_days = Half window
tune-field-step_days = Days between samples
tune-field-min_observations = Fewest clear observations
tune-field-at_least = Fewest clear observations
tune-field-cut_off = Cut-off frequency
tune-field-order = Order
tune-field-lambda = Smoothing
tune-field-samples = Samples
tune-field-from = Window start
tune-field-to = Window end

# Rules and crops
tune-rule-when = { $verdict } when
tune-rule-name = Rule for { $verdict }, { $owner }
tune-rule-fault = Line { $line }, column { $column }: { $fact }
tune-rule-apply = Apply
tune-rule-discard = Discard
tune-inherited = inherited
tune-crops = Crops { $crops }
tune-remove-override = Remove override { $name }
tune-override-hint = Crops of a group follow the same rules with a number of their own.
tune-override-name = Name of the group
tune-override-number = Number
tune-override-value = Its value for these crops
tune-override-crops = Crops ({ $n })
tune-override-filter = Filter crops
tune-override-crop = { $crop }, { $n ->
    [one] { $n } parcel
   *[other] { $n } parcels
  }
tune-override-add = Add override
tune-override-step = Override { $name }

# Distribution
tune-all-parcels = { $n ->
    [one] { $n } parcel
   *[other] all { $n } parcels
}
tune-keys-hint = ← → move the threshold, Shift ten times finer
tune-feature = Feature shown: { $name }
tune-no-feature = none
tune-copy-bars = Copy the bars as a table
tune-no-compared = No threshold to show
tune-no-compared-hint = No feature is compared with this number. Choose another parameter, or a feature above.
tune-counting = Counting parcels…
tune-axis = { $name }, { $unit }
tune-baseline = baseline { $value }
tune-threshold = Threshold { $name }: { $value }
tune-outside = { $n } outside the axis are counted in its outermost bars
tune-unknown = { $n ->
    [one] { $n } parcel
   *[other] { $n } parcels
} without a value
tune-summary = Histogram of { $feature }, { $n } parcels from { $low } to { $high }.
tune-summary-below = Below { $at }: { $counts }.
tune-summary-above = From { $at }: { $counts }.
tune-summary-unknown = Without a value: { $counts }.
tune-counts = { $green } compliant, { $yellow } yellow, { $red } non-compliant

# Effect
tune-effect-hint = before → after, each table cell opens its parcels
tune-no-labels = labels: none loaded
tune-no-labels-hint = Load a CSV file or a vector layer with parcel_id and label (compliant, non-compliant) or with parcel_id and date of known events, or name a column of the parcels. Features of a layer without ids belong to the parcel in which they lie.
tune-labels-title = Labels: a CSV file, a vector layer, or the name of a column of the parcels
tune-labels = { $name }: { $n ->
    [one] { $n } labelled parcel
   *[other] { $n } labelled parcels
}
tune-labels-left-out = { $n ->
    [one] { $n } row or parcel has no label that can be used
   *[other] { $n } rows or parcels have no label that can be used
}
tune-labels-outside = { $n ->
    [one] { $n } feature lies in no parcel
   *[other] { $n } features lie in no parcel
}
tune-half-tune = Half to tune on
tune-half-report = Held-out half
tune-reveal = Show the held-out half
tune-reveal-hint = Limits that are chosen by it are no longer tested by it. How often it is looked at is counted.
tune-revealed = { $n ->
    [one] looked at once
   *[other] looked at { $n } times
}
tune-agreement-verdicts = { $n } parcels · commission { $commission } · omission { $omission }
tune-agreement-events = { $marker }: { $n } parcels, { $events } events, ±12 days · precision { $precision } · recall { $recall } · F1 { $f1 }
tune-share-none = nothing to count
tune-card = { $verdict }: { $before } before, { $after } after, { $difference }
tune-table-corner = baseline ↓ draft →
tune-cell = { $before } to { $after }: { $n ->
    [one] { $n } parcel
   *[other] { $n } parcels
}

# Changed state
tune-changed-of = { $n } of { $all }
tune-column-parcel = Parcel
tune-column-crop = Crop
tune-column-state = State
tune-column-value = value
tune-column-margin = margin
tune-column-ndvi = NDVI
tune-no-ndvi = no bands
tune-no-ndvi-why = No NDVI: no image of this parcel has its bands
tune-margin-hint = Distance to the limit that decided, positive on the compliant side. The nearest come first.
tune-send = Send { $n } to queue
tune-send-hint = Reviews these parcels, in this order
tune-all-changed = List all changed parcels again
tune-nothing-changed = No parcel changed
tune-nothing-changed-hint = Every parcel has the verdict that the baseline gives it.
tune-no-effect = Not known yet
tune-no-effect-counts = Counts before and after stand here as soon as features are computed.
tune-no-effect-hint = Parcels are listed as soon as their features are computed.
tune-list-changed = Changed by the draft
tune-list-cell = { $before } → { $after }, { $change }
tune-changed-row = { $id }, { $crop }, { $before } to { $after }, value { $value }, margin { $margin }

# Boundary parcels
tune-boundary-hint = closest to { $at } on both sides, ordered by value
tune-card-figures = { $value }  { $margin }
tune-card-name = { $id }, { $before } to { $after }, value and distance to the threshold { $figures }

# States
tune-none = No ruleset
tune-none-hint = A ruleset says which parcels are compliant, and why. Choose one that ships with the program, or a file.
tune-fault = The ruleset cannot be used
tune-fault-hint = Correct the file and try again, or choose another ruleset. Nothing else of the project is concerned.
tune-fault-elsewhere = The parameters pane says what is wrong with it.
tune-choose-other = Choose another ruleset
tune-only-detects = This ruleset only detects
tune-only-detects-hint = It has no rules that make parcels green, yellow or red. Write them into its file, in [rules.base].
tune-cancelled = Computing features was cancelled
tune-cancelled-hint = What was computed is kept.
tune-go-on = Go on
tune-failed = Features or verdicts could not be computed
tune-not-stored = The observation store is empty
tune-not-stored-hint = There are too many parcels to read their images one by one. Population statistics are computed once, then rules apply at once to all parcels.
tune-fill-store = Compute population statistics
tune-computing = { $done } of { $all } parcels are counted

# Choosing, comparing, saving
tune-choose-title = Choose ruleset
tune-baseline-title = Compare with ruleset
tune-save-title = Save ruleset as
tune-choose-hint = The project uses this ruleset from now on.
tune-choose-loses = The draft differs from its ruleset. What was changed is lost unless it is saved first.
tune-baseline-hint = Counts before and after compare the draft with this ruleset.
tune-own-file = Ruleset of the project
tune-no-shipped = No rulesets ship with this program.
tune-from-file = From a file…
tune-differences = { $n ->
    [0] The draft says what the baseline says.
    [one] { $n } field differs
   *[other] { $n } fields differ
}
tune-no-differences = Nothing to compare.
tune-diff-field = Field
tune-diff-before = Baseline
tune-diff-after = Draft

# Status bar
tune-status-threshold = { $name } { $before } → { $after }
tune-status-changed = { $n ->
    [one] { $n } parcel changed state
   *[other] { $n } parcels changed state
}
tune-status-updated = updated in { $ms } ms
