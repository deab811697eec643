usage =
    town-hall: the town hall's side of the village service points

    town-hall init --dir DIR --name NAME [--phone PHONE] [--supervision-phone PHONE] [--recovery-key FILE]
    town-hall serve --dir DIR [--api ADDRESS:PORT] [--desk 127.0.0.1:PORT] [--host NAME]… [--catalogue DIR] [--calendar FILE] [--wire-from VERSION] [--ready-file FILE]
    town-hall point add --dir DIR --id CODE --name NAME [--hours TEXT] [--phone PHONE]
    town-hall point list --dir DIR
    town-hall user add --dir DIR --account NAME --name NAME --role agent|clerk|reviewer|administrator|auditor
              … [--point CODE] [--valid-until DATE] [--post TEXT] [--phone PHONE]   (password: first line of standard input)
    town-hall user list --dir DIR
    town-hall user password --dir DIR --account NAME   (password: first line of standard input)
    town-hall user disable --dir DIR --account NAME
    town-hall code --dir DIR --point CODE
    town-hall terminals --dir DIR
    town-hall revoke --dir DIR --terminal ID
    town-hall filings --dir DIR --json [--read-pages]
    town-hall voices --dir DIR                       evaluations and complaints of residents
    town-hall message --dir DIR --text TEXT [--to CODE]   a message to one service point (without --to: to all)
    town-hall messages --dir DIR                     the messages that were sent
    town-hall key --dir DIR                          the public key by which receipts are checked; may be published
    town-hall check-receipt [FILE] (--key KEY… | --dir DIR)   checks a receipt on paper without a network; FILE holds the scanned text
    town-hall audit --dir DIR [--subject ID] [--verify]
    town-hall backup --dir DIR --to NEWDIR
    town-hall restore --from BACKUP --dir NEWDIR --key FILE
    town-hall recovery --dir DIR --to FILE          a new recovery key
    town-hall recover --dir DIR --terminal ID --recovery-key FILE --to FILE   the key of a terminal's cabinet
    town-hall bundle import --dir DIR --from FILE [--receipts FILE]   takes a bundle from a stick, writes receipts
    town-hall catalogue check [DIR] [--json]
    town-hall catalogue diff OLD NEW [--json]
    town-hall catalogue guide [DIR] --to NEWDIR [--hall NAME]
    town-hall catalogue try MATTER --answers FILE.json [--catalogue DIR] [--at DATETIME]
    town-hall deadline --start 2026-02-13T10:00 --limit 20wd|60d [--stop DATETIME --resume DATETIME]… [--calendar FILE] [--hours FILE]

    Exit code 0: done. 1: could not be done. 2: the command is wrong.
founded = The hall is founded in { $dir }. Keep a copy of ledger.key in another place: without it nobody opens the ledger.
recovery-made = The recovery key is written to { $file }. Keep it elsewhere, not on this machine: it opens backups of the terminals' cabinets.
recovered = The key of terminal { $terminal }'s cabinet is written to { $file }, and noted in the trail.
recover-nothing = This terminal has deposited no key.
recover-other-key = This terminal's key was sealed to another recovery key.
recover-damaged = The deposited key is damaged.
bundle-taken = { $count } taken; the receipts are in { $file }, to be carried back.
bundle-other-hall = This bundle is for another hall; nothing was taken.
bundle-foreign = This is no bundle of this house, or one of a newer program; nothing was taken.
bundle-damaged = The bundle was changed or is not whole; nothing was taken.
bundle-sender = The bundle was not sealed by an admitted terminal of this hall; nothing was taken.
bundle-revoked = The terminal that sealed this bundle was revoked; nothing was taken.
bundle-not-taken = The bundle was not taken to its end; take it again, nothing is doubled.
bundle-refused = { $count } are not taken by the hall; they are still in the terminal.
point-added = Service point { $id } is entered.
user-added = Account { $account } is entered.
password-set = Account { $account } has its new password.
user-disabled = Account { $account } is ended.
revoked = Terminal { $terminal } is shut out from its next request on.
serving = The hall is open. Desk: { $desk }  Terminals: { $api }
closing = The hall is closing.
wire-from = { $text } is no version of the wire, such as 1.
receipt-good = ✓ A receipt signed by the hall: case { $number }
receipt-none = There is no code of a receipt in it.
receipt-mixed = These codes are not of one receipt.
receipt-missing = Codes of the receipt are missing: of { $of }, number { $missing }.
receipt-changed = ✗ Not what was signed: it was changed.
receipt-foreign = ✗ Not signed by this key.
receipt-newer = The receipt was signed by a newer program, which this one does not understand.
receipt-key = A public key has 64 hexadecimal digits; town-hall key shows it.
message-sent = The message is sent; terminals get it as soon as they are connected.
message-text = A message has text, at most { $max } characters.
unknown-command = There is no command { $word }. `town-hall help` lists them.
unknown-option = Option { $option } is not known here.
value-missing = Option { $option } needs a value.
option-missing = Option { $option } is missing.
option-twice = Option { $option } stands twice.
too-many-words = { $word } means nothing here.
address = { $text } is no address like 127.0.0.1:7443.
date = { $text } is no date like 2026-12-31.
wrong-key = The ledger does not open with this key. Nothing was changed.
key-mode = { $path } can be read by others. Set its mode to 0600.
key-form = The key file is damaged: it must hold 64 hexadecimal digits.
no-hall = There is no hall in { $path }. `town-hall init` founds one.
hall-exists = There is a hall in { $path } already. Nothing was changed.
newer-schema = The ledger was written by a newer program (version { $found }, this one knows { $known }). Nothing was changed.
not-a-ledger = The file is not a ledger of this program.
held = Another server is running on this directory.
full = The disk is full. Nothing was lost; make room and try again.
damaged = The ledger is damaged ({ $what }). Stop, keep the directory as it is, and restore a backup elsewhere.
random = The system gives no random numbers.
sql = The database could not do it.
io = A file could not be read or written.
authority = The hall's certificates could not be prepared.
desk-outside = The desk has no encryption of its own: it listens on this machine only, e.g. 127.0.0.1:7080.
listen = { $address } cannot be listened on. Is another program there?
start = The server could not be started.
catalogue-faulty = The catalogue has a fault: { $fault }
point-code = A point's code is 2 to 6 characters of 2-9 and A-Z, without I and O.
point-name = A point needs a name of at most 64 characters.
point-taken = A service point with this code exists already.
point-unknown = There is no service point with this code.
user-account = An account's name is 2 to 32 characters of a-z, 0-9, dot and dash.
user-name = An account needs a person's name of at most 64 characters.
user-taken = An account with this name exists already.
user-unknown = There is no account with this name.
user-point = An agent needs --point with an existing service point; other roles have none.
user-password = A password has at least 8 characters and is not the account's name. It is read from standard input.
user-role = { $role } is no role: agent, clerk, reviewer, administrator, auditor.
terminal-unknown = There is no terminal { $terminal }.
catalogue-diff = { $old } → { $new }: { $count } matters differ.
two-folders = Name two folders: the older version and the newer one.
version-twice = Version { $version } stands in two folders.
guides-written = { $count } guides written: { $path }
folder-new = { $path } must be a folder that does not exist yet.
catalogue-good = The catalogue is in order: { $count } matters.
catalogue-faults = The catalogue has { $count } faults; it must not be published.
folder = { $path } is no folder of catalogue files that can be read.
file = { $path } cannot be read.
matter-missing = Name one matter, e.g. M09.
matter-unknown = The catalogue has no matter { $matter }.
answers = { $path } is no file of answers.
field-unknown = The matter has no field or question { $field }.
time = { $text } is no time like 2026-02-13T10:00.
limit = { $text } is no period like 20wd or 60d.
stop-without-resume = Every --stop needs its --resume.
stop-before-start = A clock cannot stop before it started.
resume-before-stop = A clock resumes after it stopped.
stops-overlap = Two stops overlap.
period-too-long = The period ends beyond every calendar.
backup-made = The backup is whole and on the disk. It opens only with ledger.key, which is not part of it.
restored = The backup is put back; { $count } filings with all their pages were read and checked. Terminals will offer again what came after it.
