### Markers, events and automatic verdicts.

verdict-green = compliant
verdict-yellow = yellow
verdict-red = non-compliant
verdict-none = not assessed

markers-title = Markers
markers-auto = Auto
markers-loading = Looking for events…
markers-none = No ruleset
markers-none-hint = The project names no ruleset: nothing is looked for.
markers-fault = The ruleset cannot be used
markers-read-again = Read it again
markers-without = Work without it
markers-copy = Copy markers as table
markers-copied = The markers are copied as a table.
markers-head-marker = Marker
markers-head-compared = Compared by rules
markers-head-value = value
markers-head-limit = limit
markers-head-margin = margin
markers-yes = yes
markers-no = no
markers-unknown = unknown
markers-decides = decides
markers-no-value = no value: too few observations
markers-limit-name = limit: { $limit }
markers-unknown-why = not known: observations or a source are missing
markers-few = { $n } of { $needed } needed observations are clear
markers-clear =
    { $n ->
        [one] { $n } clear observation
       *[other] { $n } clear observations
    }
markers-days =
    { $n ->
        [one] { $n } day
       *[other] { $n } days
    }
markers-event-dates = { $from } to { $to }, peak { $peak }
markers-no-event-next = No later event in this parcel.
markers-no-event-previous = No earlier event in this parcel.
markers-no-window = What decided looks at no window of days.

markers-why = Why
markers-why-holds = { $name } { $value }, { $sign } { $limit }, margin { $margin }
markers-why-fails = { $name } { $value }, not { $sign } { $limit }, margin { $margin }
markers-why-near = { $name } { $value } is too near to { $sign } { $limit }, margin { $margin }
markers-why-limit = { $value } ({ $name })
markers-why-missing = { $name } has no value: too few observations
markers-why-yes = { $name } is seen
markers-why-no = { $name } is not seen
markers-why-unknown = { $name } is unknown: too few observations
markers-why-few =
    { $n ->
        [0] Too few data: no clear observation
        [one] Too few data: { $n } clear observation
       *[other] Too few data: { $n } clear observations
    }, { $needed } needed
markers-why-uncounted = Too few data: clear observations are not counted, { $needed } needed
markers-why-window = evidence window { $window }
markers-why-detects = This ruleset detects events and judges nothing.
markers-why-pending = Looking for events of this parcel…
markers-too-few = too few data
markers-verdict = Automatic verdict: { $verdict }. { $why }
markers-ruleset = Ruleset { $ruleset }

markers-legend-window = evidence window
markers-legend-smoothed = smoothed
markers-level = { $name } { $value }
markers-summary-events =
    { $n ->
        [one] { $n } event
       *[other] { $n } events
    }: { $events }.
markers-summary-window = Evidence window from { $from } to { $to }.
markers-chip-event = event: { $event }

markers-only = Show { $n } { $verdict } only
markers-partial = so far, of { $done } parcels
markers-computing = { $done } of { $total }…
markers-compute = Compute
markers-sort = Margin of the verdict
markers-margin = margin { $margin }
markers-margin-none = no margin
markers-colouring = Automatic verdict

action-next-event = Next event
action-previous-event = Previous event
action-centre-window = Centre the evidence window
action-toggle-smoothed = Smoothed curves
