### Review: decisions, queues, end of a sitting.

pane-decide = Decision
review-title = Decision
review-blind-on = blind review
review-blind-leave = Blind
review-opening = Reading the decisions…
review-read-only = Read-only: { $why }
review-no-journal = Decisions cannot be stored
review-reason-later = Reasons, asked after the verdict
review-reason-now = { $verdict }, because…
review-enter = { $verdict } – Enter gives it
review-flag-now = Flag, because…
review-final-now = Final verdict: which?
review-note = Note
review-defer = Defer
review-flag = Flag
review-pin = Pin
review-repeat = Repeat
review-no-last = There is no decision to repeat yet.
review-clear = Clear
review-not-stored = Not stored: { $why }
review-no-data = No clear observation is loaded in the evidence window. Wait for the data, or choose the reason “{ $reason }”.
review-needs-reason = This verdict needs a reason.
review-nothing = There is nothing to take back or do again.
review-closed = Nothing was stored: { $why }.
review-no-queue = No queue was made: { $why }.
review-other-line = { $system }, automatic: { $verdict } ({ $value })
review-other-unmapped = not mapped
review-other-hint = Automatic verdict of another system, from the column { $column } of the parcel layer. What its values mean is written in the project file.
review-final-line = Final: { $verdict }, { $user }, { $time }
review-flag-line = { $reason } ({ $user })
review-who = { $user }, { $time }, { $seconds } s
review-deferred = Deferred: comes back at the end
review-photo-no-place = no position
review-remove = Remove { $what }
review-history =
    { $n ->
        [one] History, { $n } entry
       *[other] History, { $n } entries
    }
review-act-clear = took the verdict away
review-act-defer = deferred
review-act-flag = flagged: { $reason }
review-act-unflag = took the flag away
review-act-note = noted: { $text }
review-act-pin = pinned a chip
review-act-unpin = took a pin away
review-act-attach = attached a photo
review-act-detach = took a photo away
review-act-resolve = final verdict: { $verdict }
review-act-undo = undid an entry
review-act-redo = redid an entry
review-pinned = pinned as evidence
review-expert = Expert
review-hidden = hidden in blind review
review-hidden-value = hidden (blind review)
review-hidden-page = The sheet names automatic verdicts and those of others: it shows when you have decided.
review-hidden-hint = Markers and verdicts show when you have decided.
review-state-open = undecided
review-state-deferred = deferred
review-state-flagged = flagged
review-state-disputed = reviewers disagree
review-only =
    { $n ->
        [one] Show only the { $n } parcel: { $state }
       *[other] Show only the { $n } parcels: { $state }
    }
review-progress = { $done } of { $total } decided or deferred
review-said-decided = { $parcel }: { $verdict }
review-said-cleared = { $parcel }: verdict taken away
review-said-deferred = { $parcel }: deferred
review-said-flagged = { $parcel }: flagged
review-said-unflagged = { $parcel }: flag taken away
review-said-noted = { $parcel }: note kept
review-said-pinned = { $parcel }: chip pinned
review-said-unpinned = { $parcel }: pin taken away
review-said-attached =
    { $n ->
        [one] { $parcel }: { $n } photo attached
       *[other] { $parcel }: { $n } photos attached
    }
review-said-detached = { $parcel }: photo taken away
review-said-resolved = { $parcel }: final verdict { $verdict }
review-said-undone = { $parcel }: undid “{ $what }”
review-said-redone = { $parcel }: did “{ $what }” again
review-undo = Undo
review-end-title = End of the queue
review-end-queue =
    { $n ->
        [one] { $name }, { $n } parcel
       *[other] { $name }, { $n } parcels
    }
review-end-sitting =
    { $n ->
        [one] This sitting: { $n } decision, { $mean } s
       *[other] This sitting: { $n } decisions, { $mean } s each on average, { $median } s in the middle
    }
review-end-program = The program: stored within { $durable } ms, next parcel drawn within { $drawn } ms (99 of 100), { $mean } ms on average
review-end-stay = Stay here
review-go-deferred = Review deferred
review-go-flagged = Review flagged
review-go-disputed = Review disagreements
review-queues-title = Queues
review-queue-new = New queue
review-queue-name = Name
review-queue-source = Parcels
review-queue-shown = As shown now ({ $n })
review-queue-filter = Filter
review-queue-file = List file
review-queue-column = Values of a column
review-queue-flagged = Flagged
review-queue-deferred = Deferred
review-queue-disputed = Reviewers disagree
review-queue-choose-column = Choose a column
review-queue-path = File with one id a line
review-queue-order = Order
review-queue-given = as given
review-queue-margin = nearest to the threshold
review-queue-spatial = neighbours together
review-queue-random = random
review-queue-seed = Seed
review-queue-sample = Sample of at most
review-queue-each = of each
review-queue-all = all parcels
review-queue-make = Make queue
review-queue-forget = Forget { $name }
review-queue-none = No queue has been made yet.
review-queue-line =
    { $n ->
        [one] { $n } parcel, { $source }
       *[other] { $n } parcels, { $source }
    }
review-queue-line-seed = { $line }, seed { $seed }
review-queue-empty-value = (empty)
review-journal-title = Place of the journal of decisions
review-photos-title = Photos of the parcel
settings-reviewer = Reviewer
settings-reviewer-hint = Written with every decision. Empty takes the name that you are signed in with.
settings-two-key = A digit arms the verdict, Enter gives it
group-decide = Decide
menu-report = Report
workspace-report = Report
action-verdict-1 = First verdict or reason
action-verdict-2 = Second verdict or reason
action-verdict-3 = Third verdict or reason
action-verdict-4 = Fourth verdict or reason
action-verdict-5 = Fifth verdict or reason
action-verdict-6 = Sixth verdict or reason
action-verdict-7 = Seventh verdict or reason
action-verdict-8 = Eighth verdict or reason
action-verdict-9 = Ninth verdict or reason
action-clear-verdict = Take the verdict away
action-repeat = Repeat the last decision
action-defer = Defer to the end of the queue
action-flag = Flag, or take the flag away
action-pin = Pin the current chip as evidence
action-note = Write a note
action-final-verdict = Give the final verdict
action-blind = Blind review
action-sitting = Summary of this sitting
action-queues = Queues…
action-next-open = Next undecided parcel
action-attach-photos = Attach photos…
action-move-journal = Keep decisions in another place…
action-export-decisions = Export decisions…
action-export-sheet = Export parcel sheet
action-report = Report
action-make-pack = Write evidence pack…
review-decisions-title = Decisions as CSV, GeoPackage or JSON lines
review-exported =
    { $n ->
        [one] { $n } row is written to { $path }
       *[other] { $n } rows are written to { $path }
    }
review-kind-decide = verdict
review-kind-clear = taking the verdict away
review-kind-defer = deferring
review-kind-flag = flag
review-kind-unflag = taking the flag away
review-kind-note = note
review-kind-pin = pin
review-kind-unpin = taking the pin away
review-kind-attach = photo
review-kind-detach = taking the photo away
review-kind-resolve = final verdict
pane-report-list = Parcels
pane-report-page = Page
pane-report-pack = Evidence pack
report-list = Parcels
report-which = Which parcels
report-decided = Decided
report-flagged = Flagged
report-pinned = With pinned evidence or photos
report-queue = The queue as shown
report-current = The current parcel
report-none = No parcel
report-none-hint = Nothing of this kind has been entered yet. Choose another list above.
report-pins =
    { $n ->
        [0] nothing pinned
        [one] { $n } pin or photo
       *[other] { $n } pins or photos
    }
report-page = Page
report-page-of = { $parcel }, page { $page } of { $pages }
report-setting = Setting the page…
report-unsaved = The project has unsaved changes. Pages and packs are made of what is saved, so that others can make them again.
report-pack = Evidence pack
report-count =
    { $n ->
        [one] { $n } parcel goes into the pack.
       *[other] { $n } parcels go into the pack.
    }
report-holders = Ids of holders
report-holders-replace = replaced by stable pseudonyms
report-holders-omit = left out
report-holders-keep = kept
report-files = Sheets
report-pdf = as PDF
report-docx = as Word document
report-always = Always: HTML, figures, decisions as CSV and GeoPackage, ruleset, manifest with hashes.
report-folder = Folder
report-write = Write pack
report-check = Check this folder
report-working = Working; the status bar says how far, and cancels.
report-written =
    { $n ->
        [one] { $n } parcel, { $files } files are written
       *[other] { $n } parcels, { $files } files are written
    }
report-open = Open in browser
report-copy-path = Copy path
report-holds =
    { $n ->
        [one] { $n } file checked: everything is as the manifest says, and made again it is the same
       *[other] { $n } files checked: everything is as the manifest says, and made again they are the same
    }
report-differs =
    { $n ->
        [one] The pack does not hold: { $n } finding
       *[other] The pack does not hold: { $n } findings
    }
job-pack = writing the evidence pack
job-verify = checking the evidence pack
report-sheet-title = Sheet of the parcel as PDF, HTML or Word document
report-sheet-written = The sheet is written to { $path }
review-queue-default = Queue { $n }
