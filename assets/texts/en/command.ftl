# The command line.
help =
    village-terminal [--config FILE]                the window
    village-terminal admit  --config FILE --hall URL --code CODE
    village-terminal card   [--reader NAME|serial:PATH|usb] [--json] [--timeout S]    list readers, read one card
    village-terminal camera [--json]                lists the cameras
    village-terminal camera --watch SECONDS [--out PHOTO.jpg] [--device N] [--patience SECONDS] [--json]   tries one: preview, a still, pulled and plugged in
    village-terminal page   PHOTO.jpg… [--json] [--out DIR]   finds, squares and judges the paper in photographs
    village-terminal file MATTER --answers FILE.json [--page [MATERIAL=]PAGE.jpg…] [--account NAME] [--request UUID] [--json]
        Seals a filing. The file of answers is that of `town-hall catalogue try`, with the applicant in it. Pages
        are filed byte for byte and must be JPEG. MATERIAL=FILE names the material; a plain FILE goes to the first
        required material that still lacks a page, and where none lacks one, to the first required material.
        Who files: --account, else the point's only agent, with the password as one line of standard input;
        with [shell] account in the configuration no password is read. --request repeats the same one.
    village-terminal queue [--json]                  what the hall has not received, why, and what it has
    village-terminal sync [--once | --until-empty [--seconds N]] [--json]
        One round, or until nothing waits, at most 600 s.
    Exit code: 0 done; 1 not done; 2 wrong command; 3 something still waits; 4 another program holds the cabinet,
    nothing was changed; 5 something was laid aside for a person
    village-terminal receipt NUMBER --to FILE.html      the hall's signed receipt as a page to print
    village-terminal receipt check PICTURE-OR-TEXT… [--json]   checks a receipt on paper, without a network
    village-terminal bundle export --to FILE         what waits, as one bundle on a stick for the hall
    village-terminal bundle import --from FILE       the hall's receipts from the stick
    village-terminal backup --to FILE                a copy of the cabinet, still encrypted
    village-terminal restore --from BACKUP --key FILE   opens a backup on another machine
    village-terminal doctor --config FILE            checks the cabinet, saves what is whole
    { "" }
unknown = “{ $word }” is unknown. See --help.
missing = { $what } is missing
no-value = { $what } needs a value
no-config = There is no configuration. Admit first, or open the window.
not-admitted = This machine is not admitted
admitted = Admitted; the configuration is { $file }
file-trouble = { $file }: { $error }
no-answers = { $file }, line { $line }, column { $column }: not a file of answers
no-matter = There is no matter { $id }
no-id = “{ $text }” is no id (a UUID)
no-number = “{ $text }” may not stand there; a whole number may
form-faulty = Not sealed: { $count } faults in the form
page-nowhere = No material takes { $file }: name it as MATERIAL=FILE
password-of = Password of { $account }:{ " " }
act-untried = Sealed on this machine; the hall has not received it: never sent yet
act-behind = Sealed on this machine; the hall has not received it: an earlier step of the same filing goes first
act-again = The hall was put back to an old backup: it is being sent again
act-kind-file = Filing
act-kind-supplement = Correction
act-kind-withdraw = Withdrawal
no-bundle-address = The hall has not told this machine yet to whom bundles are sealed: run sync once on a network
bundle-written = { $count } steps are written to { $file }, which only the hall can open; they go on waiting until the receipts are back
backup-made = The backup is { $file }
restored = The cabinet of terminal { $terminal } is restored; { $count } steps wait to be sent
laid-aside = { $count } laid aside for a person
refused = Account or password is wrong; nothing was done
still-waiting = { $count } not received by the hall yet
card-waiting = Lay a card on the reader within { $seconds } s
card-reader = Reader: { $name }
card-line = { $label }: { $value }
card-raw = As it stands in the chip (unknown type): { $text }
card-failed = { $words } ({ $code })
card-photo-decoded = Photo: can be decoded, { $w }×{ $h }
card-label-kind = Card
card-label-name = Name
card-label-name_latin = Latin name
card-label-sex = Sex
card-label-nation = Ethnic group
card-label-nationality = Nationality
card-label-birth = Born
card-label-address = Address
card-label-new_address = Added address
card-label-number = Number
card-label-old_number = Earlier number
card-label-issuer = Issued by
card-label-valid_from = Valid from
card-label-valid_until = Valid until
card-label-social_security_number = Social security number
card-label-card_number = Card number
card-label-generation = Generation
card-label-warnings = Remarks
# For the installer: what to do. Codes without a line here are said as in the window.
card-fix-pcsc-no-service = The card service does not run. Run: systemctl enable --now pcscd.socket, and try again.
card-fix-pcsc-service-stopped = The card service ended. Run: systemctl restart pcscd.socket, and try again.
card-fix-pcsc-denied = The system refuses the card service to this user. Install the polkit rule (60-village-terminal.rules) and sign in again.
card-fix-reader-denied = No permission to open the reader. Install the udev rule (60-village-terminal.rules), add the user to the group dialout, and sign in again.
card-fix-reader-absent = No such reader. Plug it in; without --reader this command lists what is there.
card-fix-reader-silent = The reader does not answer. Check path and cable, unplug it, plug it in, and try again.
card-fix-reader-in-use = Another program holds the reader. Close it (this terminal's window, a bank's plug-in, the maker's software) and try again.
card-fix-reader-profiles = The file of reader profiles is wrong. Compare it with assets/devices/readers.toml, mend it, and try again.
card-fix-card-not-shown = No card came. Lay the card flat on the reader and run this again; --timeout waits longer.
card-fix-card-type-unknown = An unknown type of card; nothing was filled in. Look at the card itself.
camera-line = { $index }: { $name }
camera-mode =
    { $encoding } { $w }×{ $h }, { $rate } a second{ $used ->
        [still] {" "}(for the picture)
        [preview] {" "}(for the preview)
       *[other] { "" }
    }
camera-arrived = The camera is open: { $name }
camera-preview = Preview { $w }×{ $h }
camera-still = Took { $w }×{ $h }, kept as { $file }
camera-watched = Done, { $frames } preview frames
camera-end = These cameras can be used
page-good = { $file }: ✓ good
page-issues = { $file }: { $issues }
filed = Sealed { $number }, query code { $code }
delivered = { $count } delivered
no-window = The window cannot be opened: { $error }
doctor-whole = The cabinet is whole
doctor-saved = Saved { $filings } filings, { $drafts } drafts, { $pages } pages; the damaged file is kept in { $folder }
doctor-lost = { $number } was not saved ({ $part }){ $held ->
    [yes] ; the hall has it
   *[no] ; call the resident
}
act-metered = Sealed on this machine; the hall has not received it: too large for a metered network, waits for “Send now”
act-paused = Sealed on this machine; the hall has not received it: sending is paused
act-kind-evaluate = Evaluation
act-kind-complain = Complaint
doctor-catalogue-built-in = Catalogue { $version } (built in)
doctor-catalogue-folder = Catalogue { $version } (catalogue_dir of the configuration; what the hall sends is not used)
doctor-catalogue-sent = Catalogue { $version } (sent by the hall)
doctor-package-wanted = { $name } of the hall is not here yet
doctor-package-trouble = { $name } of the hall is not here yet: { $why }
doctor-package-refused = { $name } of the hall is not used: { $place } { $code }
receipt-written = The receipt is in { $file }; open it in a browser to print it
receipt-good = ✓ A receipt signed by the hall: case { $number }, received { $received }, { $pages } pages
receipt-number = No case of this number is in the cabinet
receipt-not-received = The hall has not received this case yet; there is no receipt to print
receipt-none = There is no code of a receipt in it
receipt-mixed = These codes are not of one receipt
receipt-missing = Codes of the receipt are missing; scan all that are on the paper
receipt-changed = ✗ Not what the hall signed: it was changed
receipt-foreign = ✗ Not signed by this hall
print-received = Received by the hall
print-pages = Pages
print-phones = Questions and complaints
print-how = The { $count } codes above are together the receipt as the hall signed it. Scanned to text, it is checked with the public key below, without a network: village-terminal receipt check, or town-hall check-receipt --key KEY.
