# The command line.
help =
    village-terminal [--config FILE]                the window
    village-terminal admit  --config FILE --hall URL --code CODE
    village-terminal card   [--config FILE] [--seconds N]   reads one card
    village-terminal camera                         lists the cameras
    village-terminal page   PHOTO.jpg --out PAGE.jpg   makes a page of a photograph
    village-terminal file   --config FILE --draft DRAFT.json --account NAME [--page MATERIAL=PHOTO.jpg]…   password on stdin
    village-terminal queue  --config FILE [--json]   what the hall has not received
    village-terminal sync   --config FILE            sends and fetches now
    village-terminal doctor --config FILE            checks the cabinet, saves what is whole
    { "" }
unknown = “{ $word }” is unknown. See --help.
missing = { $what } is missing
no-value = { $what } needs a value
no-config = There is no configuration. Admit first, or open the window.
not-admitted = This machine is not admitted
admitted = Admitted; the configuration is { $file }
file-trouble = { $file }: { $error }
no-draft = Not a draft: { $error }
refused = Account or password is wrong; nothing was done
still-waiting = { $count } not received by the hall yet
card-waiting = Lay a card on the reader within { $seconds } s
card-reader = Reader: { $name }
card-read = { $kind } { $name } { $number }
camera-end = These cameras can be used
page-made = { $w }×{ $h } pixels, { $bytes } bytes, { $ms } ms, { $found ->
    [yes] edges found
   *[no] no edges found, whole picture used
}
filed = Sealed { $number }
delivered = { $count } delivered
no-window = The window cannot be opened: { $error }
doctor-whole = The cabinet is whole
doctor-saved = Saved { $filings } filings, { $drafts } drafts, { $pages } pages; the damaged file is kept in { $folder }
doctor-lost = { $number } was not saved ({ $part }){ $held ->
    [yes] ; the hall has it
   *[no] ; call the resident
}
